/** The page's element with this id, which index.html has to have. */
export function byId(id: string): HTMLElement {
  return byIdOf(HTMLElement, id);
}

/** The page's element with this id, which is of this kind. */
export function byIdOf<Kind extends HTMLElement>(kind: new () => Kind, id: string): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} #${id}`);
  return found;
}

/** A 2D context of the canvas. */
export function context2d(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext('2d');
  if (!context) throw new Error('this browser has no 2D canvas');
  return context;
}

/** Opens the file chooser of a hidden input when the button is pressed, and hands on what is chosen. */
export function chooser(input: HTMLInputElement, chosen: (file: File) => void): () => void {
  input.addEventListener('change', () => {
    const file = input.files?.[0];
    input.value = '';
    if (file) chosen(file);
  });
  return () => {
    input.click();
  };
}
