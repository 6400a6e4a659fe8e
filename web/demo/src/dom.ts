/** The page's element with this id; throws when index.html has none. */
export function byId(id: string): HTMLElement {
  return byIdOf(HTMLElement, id);
}

/** The page's element with this id; throws when there is none of this kind. */
export function byIdOf<Kind extends HTMLElement>(kind: new () => Kind, id: string): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} #${id}`);
  return found;
}

/** The canvas's 2D context; throws when the browser has none. */
export function context2d(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext('2d');
  if (!context) throw new Error('this browser has no 2D canvas');
  return context;
}

/** Returns a function that opens the hidden input's file dialog; `chosen` is called with the file. */
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
