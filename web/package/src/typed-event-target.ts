// An EventTarget whose events have typed details.

type Listener<Detail> = (event: CustomEvent<Detail>) => void;

/** Emits the events of `Events`, which has the type of each one's detail. */
export class TypedEventTarget<Events extends object> extends EventTarget {
  private readonly heard = new Set<string>();

  override addEventListener<Type extends keyof Events & string>(
    type: Type,
    listener: Listener<Events[Type]> | { handleEvent: Listener<Events[Type]> } | null,
    options?: AddEventListenerOptions | boolean,
  ): void {
    this.heard.add(type);
    super.addEventListener(type, listener as EventListenerOrEventListenerObject | null, options);
  }

  override removeEventListener<Type extends keyof Events & string>(
    type: Type,
    listener: Listener<Events[Type]> | { handleEvent: Listener<Events[Type]> } | null,
    options?: EventListenerOptions | boolean,
  ): void {
    super.removeEventListener(type, listener as EventListenerOrEventListenerObject | null, options);
  }

  /** Calls the listener with the detail of each event of this type; returns what ends that. */
  on<Type extends keyof Events & string>(
    type: Type,
    listener: (detail: Events[Type]) => void,
  ): () => void {
    const hear = ({ detail }: CustomEvent<Events[Type]>): void => {
      try {
        listener(detail);
      } catch (reason) {
        // As a browser's EventTarget does; another's ends the program.
        reportError(reason);
      }
    };
    this.addEventListener(type, hear);
    return () => {
      this.removeEventListener(type, hear);
    };
  }

  /** Whether there ever was a listener for events of this type. */
  protected isHeard(type: keyof Events & string): boolean {
    return this.heard.has(type);
  }

  protected emit<Type extends keyof Events & string>(type: Type, detail: Events[Type]): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
