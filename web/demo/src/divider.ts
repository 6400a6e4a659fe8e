// The divider between source and result, moved by pointer and by keyboard.

const steps: Record<string, number> = {
  ArrowLeft: -2,
  ArrowDown: -2,
  ArrowRight: 2,
  ArrowUp: 2,
  PageDown: -10,
  PageUp: 10,
  Home: -100,
  End: 100,
};

export class Divider {
  private value = 0;

  /**
   * @param frame the element across which the divider moves
   * @param handle the divider's element, a slider from 0 to 100
   * @param moved called with the new position, in percent from the left
   */
  constructor(
    private readonly frame: HTMLElement,
    private readonly handle: HTMLElement,
    private readonly moved: (percent: number) => void,
  ) {
    handle.addEventListener('keydown', (event) => {
      const step = steps[event.key];
      if (step === undefined) return;
      event.preventDefault();
      this.move(this.value + step);
    });
    frame.addEventListener('pointerdown', (event) => {
      if (handle.hidden || event.button !== 0) return;
      frame.setPointerCapture(event.pointerId);
      this.follow(event);
    });
    frame.addEventListener('pointermove', (event) => {
      if (frame.hasPointerCapture(event.pointerId)) this.follow(event);
    });
  }

  set(percent: number): void {
    this.value = percent;
    this.frame.style.setProperty('--split', `${percent}%`);
    this.handle.setAttribute('aria-valuenow', String(percent));
    this.handle.setAttribute('aria-valuetext', `${percent} % source, ${100 - percent} % result`);
  }

  private follow({ clientX }: PointerEvent): void {
    const { left, width } = this.frame.getBoundingClientRect();
    this.move(Math.round((100 * (clientX - left)) / width));
  }

  private move(percent: number): void {
    this.moved(Math.min(100, Math.max(0, percent)));
  }
}
