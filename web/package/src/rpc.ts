// Calls into a Worker and their answers, the Worker's events, and a watchdog that detects its death.
import { BackdropError, type ErrorCode } from './error.js';

/** A Worker's calls by name, with the types of request and answer. */
export type Contract<Calls> = { [Name in keyof Calls]: { request: unknown; answer: unknown } };

type Question<Calls extends Contract<Calls>> = {
  [Name in keyof Calls]: { id: number; call: Name; request: Calls[Name]['request'] };
}[keyof Calls];

type Reply =
  | { id: number; answer: unknown }
  | { id: number; error: { code: ErrorCode; message: string } }
  | { event: unknown };

/** A call that a live Worker answers at once, even while others are pending. */
const ping = 'ping';
const pingMilliseconds = 1000;
/** A Worker that computes can't answer; one without a call has nothing to compute. */
const missedPings = { idle: 5, busy: 30 };
/** A Worker that answers this many pings during a brief call has lost the call. */
const briefPings = 5;

interface Pending {
  call: PropertyKey;
  resolve: (answer: never) => void;
  reject: (reason: BackdropError) => void;
  /** Pings that were answered since the call began. */
  pings: number;
}

export interface RemoteListener<Calls> {
  /** The Worker posted an event. */
  event?: (event: never) => void;
  /** The Worker could not be loaded, or died; called once, and not after close(). */
  died: (reason: BackdropError) => void;
  /** The calls that wait for nothing outside of the Worker, and so are answered within five seconds. */
  brief: readonly (keyof Calls)[];
}

/** The caller's side of a Worker. */
export class Remote<Calls extends Contract<Calls>> {
  private readonly pending = new Map<number, Pending>();
  private readonly watchdog: ReturnType<typeof setInterval>;
  private lastId = 0;
  /** Seconds since a ping that has not been answered yet; 0 if none is under way. */
  private silence = 0;
  private hasAnswered = false;
  /** The reason with which all further calls are rejected. */
  private closed: BackdropError | undefined;

  constructor(
    private readonly worker: Worker,
    private readonly listener: RemoteListener<Calls>,
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
        this.pending.set(id, { call, resolve, reject, pings: 0 });
      } catch (reason) {
        reject(new BackdropError('argument', `the worker can’t be given this: ${String(reason)}`));
      }
    });
  }

  /** Terminates the Worker and rejects all pending calls. */
  close(message = 'it was closed'): void {
    this.end(new BackdropError('closed', message));
  }

  private receive(reply: Reply): void {
    this.hasAnswered = true;
    if ('event' in reply) {
      this.listener.event?.(reply.event as never);
      return;
    }
    if (reply.id === 0) {
      this.silence = 0;
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
    if (this.silence > 0) {
      const most = this.pending.size > 0 ? missedPings.busy : missedPings.idle;
      if (++this.silence > most) this.die(`the worker has not answered for ${most} seconds`);
      return;
    }
    for (const pending of this.pending.values()) {
      if (
        this.listener.brief.includes(pending.call as keyof Calls) &&
        ++pending.pings > briefPings
      ) {
        this.die(`the worker has not finished '${String(pending.call)}' in ${briefPings} seconds`);
        return;
      }
    }
    this.silence = 1;
    this.worker.postMessage({ id: 0, call: ping });
  }

  private die(message: string): void {
    if (this.closed) return;
    const reason = new BackdropError(this.hasAnswered ? 'crash' : 'assets', message);
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

/** A handler's answer, and the objects in it to transfer. */
interface Answer<Value> {
  value: Value;
  transfer?: Transferable[];
}

export type Handlers<Calls extends Contract<Calls>> = {
  [Name in keyof Calls]: (
    request: Calls[Name]['request'],
  ) => Answer<Calls[Name]['answer']> | Promise<Answer<Calls[Name]['answer']>>;
};

/** The Worker's end of the messages. */
interface Port {
  postMessage(message: unknown, options?: { transfer: Transferable[] }): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}

/**
 * The Worker's side. Calls start in the order of their arrival; with `inTurn`, each waits until the
 * one before has finished. An error that a handler throws rejects its call.
 */
export function serve<Calls extends Contract<Calls>>(
  handlers: Handlers<Calls>,
  { inTurn = false, port = self }: { inTurn?: boolean; port?: Port } = {},
): void {
  let turn = Promise.resolve();
  async function respond({ id, call, request }: Question<Calls>): Promise<void> {
    try {
      const { value: answer, transfer = [] } = await handlers[call](request);
      port.postMessage({ id, answer }, { transfer });
    } catch (reason) {
      const { code, message } = BackdropError.from(reason);
      port.postMessage({ id, error: { code, message } });
    }
  }
  port.addEventListener('message', ({ data }: MessageEvent<Question<Calls>>) => {
    if (data.call === ping) port.postMessage({ id: data.id, answer: undefined });
    else if (inTurn) turn = turn.then(() => respond(data));
    else void respond(data);
  });
}

/** Posts an event from a Worker to its creator. */
export function post(event: unknown): void {
  self.postMessage({ event });
}
