// Calls into a Worker and their answers, events out of it, and a watchdog that tells when it is gone.
import { BackdropError, type ErrorCode } from './error.js';

/** A Worker's calls, by name: what each takes and what it answers. */
export type Contract<Calls> = { [Name in keyof Calls]: { request: unknown; answer: unknown } };

type Question<Calls extends Contract<Calls>> = {
  [Name in keyof Calls]: { id: number; call: Name; request: Calls[Name]['request'] };
}[keyof Calls];

type Reply =
  | { id: number; answer: unknown }
  | { id: number; error: { code: ErrorCode; message: string } }
  | { event: unknown };

/** A Worker that is alive answers this call at once, whatever else it is at. */
const ping = 'ping';
const pingMilliseconds = 1000;
const missedPings = 5;

interface Pending {
  resolve: (answer: never) => void;
  reject: (reason: BackdropError) => void;
}

export interface Listener {
  /** The Worker posted an event. */
  event?: (event: never) => void;
  /** The Worker could not be loaded, or has gone; called once, and not after close(). */
  died: (reason: BackdropError) => void;
}

/** The caller's end of a Worker. */
export class Remote<Calls extends Contract<Calls>> {
  private readonly pending = new Map<number, Pending>();
  private readonly watchdog: ReturnType<typeof setInterval>;
  private lastId = 0;
  private unanswered = 0;
  /** Why no more calls are taken. */
  private closed: BackdropError | undefined;

  constructor(
    private readonly worker: Worker,
    private readonly listener: Listener,
  ) {
    worker.addEventListener('message', ({ data }: MessageEvent<Reply>) => {
      this.receive(data);
    });
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      this.die(event.message || 'the worker could not be loaded');
    });
    this.watchdog = setInterval(() => {
      this.check();
    }, pingMilliseconds);
  }

  /** Rejects with a BackdropError. */
  call<Name extends keyof Calls>(
    call: Name,
    request: Calls[Name]['request'],
    transfer: Transferable[] = [],
  ): Promise<Calls[Name]['answer']> {
    if (this.closed) return Promise.reject(this.closed);
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      try {
        this.worker.postMessage({ id, call, request }, transfer);
        this.pending.set(id, { resolve, reject });
      } catch (reason) {
        reject(new BackdropError('argument', `the worker can’t be given this: ${String(reason)}`));
      }
    });
  }

  /** Ends the Worker; what it was at work on is rejected. */
  close(message = 'it was closed'): void {
    this.end(new BackdropError('closed', message));
  }

  private receive(reply: Reply): void {
    if ('event' in reply) {
      this.listener.event?.(reply.event as never);
      return;
    }
    if (reply.id === 0) {
      this.unanswered = 0;
      return;
    }
    const pending = this.pending.get(reply.id);
    this.pending.delete(reply.id);
    if ('error' in reply) {
      pending?.reject(new BackdropError(reply.error.code, reply.error.message));
    } else {
      pending?.resolve(reply.answer as never);
    }
  }

  private check(): void {
    if (this.unanswered >= missedPings) {
      this.die('the worker does not answer');
      return;
    }
    ++this.unanswered;
    this.worker.postMessage({ id: 0, call: ping });
  }

  private die(message: string): void {
    if (this.closed) return;
    const reason = new BackdropError('crash', message);
    this.end(reason);
    this.listener.died(reason);
  }

  private end(reason: BackdropError): void {
    this.closed ??= reason;
    clearInterval(this.watchdog);
    this.worker.terminate();
    for (const { reject } of this.pending.values()) reject(reason);
    this.pending.clear();
  }
}

/** What a handler answers: the answer, and what of it is transferred. */
export interface Answer<Value> {
  value: Value;
  transfer?: Transferable[];
}

export type Handlers<Calls extends Contract<Calls>> = {
  [Name in keyof Calls]: (
    request: Calls[Name]['request'],
  ) => Answer<Calls[Name]['answer']> | Promise<Answer<Calls[Name]['answer']>>;
};

/**
 * The Worker's end. Calls are begun in the order that they come in, with `inTurn` each when the one
 * before has ended; what one throws is its answer.
 */
export function serve<Calls extends Contract<Calls>>(
  handlers: Handlers<Calls>,
  { inTurn = false } = {},
): void {
  let turn = Promise.resolve();
  async function respond({ id, call, request }: Question<Calls>): Promise<void> {
    try {
      const { value: answer, transfer = [] } = await handlers[call](request);
      self.postMessage({ id, answer }, { transfer });
    } catch (reason) {
      const { code, message } = BackdropError.from(reason);
      self.postMessage({ id, error: { code, message } });
    }
  }
  self.addEventListener('message', ({ data }: MessageEvent<Question<Calls>>) => {
    if (data.call === ping) self.postMessage({ id: data.id, answer: undefined });
    else if (inTurn) turn = turn.then(() => respond(data));
    else void respond(data);
  });
}

/** Posts an event out of a Worker. */
export function post(event: unknown): void {
  self.postMessage({ event });
}
