// What of the room may be seen, by what was asked for: the model that a stream is held against.

/**
 * Raw frames may leave from the moment that `none` is asked for, for as long as that change is not rejected
 * and no other background is asked for. A stream in a Worker learns of that by a message, which it has to
 * have taken.
 */
export class RoomModel {
  #world;
  /** 'closed'; 'asked': by a `none` that was not answered; 'open'. */
  #state;
  /** Answers to changes to `none` since another background was asked for. */
  #pending = new Set();
  /** Whether messages that close the room are about to be posted. */
  #isClosing = false;
  #closedAt = -Infinity;
  /** By Worker: the number of messages after which it knows that the room is closed. */
  #barriers = new Map();

  constructor(world, background) {
    this.#world = world;
    this.#state = background.kind === 'none' ? 'open' : 'closed';
  }

  get isOpen() {
    return this.#state === 'open';
  }

  /** A background is asked for, and `answer` is the promise of that change. */
  ask(background, answer) {
    if (background.kind !== 'none') {
      if (this.#state !== 'closed') this.#isClosing = true;
      this.#state = 'closed';
      this.#pending.clear();
      return;
    }
    if (this.#state === 'closed') this.#state = 'asked';
    this.#pending.add(answer);
    answer.then(
      () => {
        if (this.#pending.delete(answer)) this.#state = 'open';
      },
      () => {
        const isLast = this.#pending.delete(answer) && this.#pending.size === 0;
        if (!isLast || this.#state !== 'asked') return;
        this.#state = 'closed';
        this.#closedAt = this.#world.now;
      },
    );
  }

  /** Called when all that a change posts at once was posted. */
  posted() {
    if (!this.#isClosing) return;
    this.#isClosing = false;
    this.#closedAt = this.#world.now;
    for (const worker of this.#world.workers) this.#barriers.set(worker, worker.posted);
  }

  /** Whether the room has been closed for so long. */
  isClosedFor(milliseconds) {
    const isClosed = this.#state === 'closed' && !this.#isClosing;
    return isClosed && this.#world.now > this.#closedAt + milliseconds;
  }

  /** Whether this Worker, or the page, may let a raw frame leave now. */
  mayLeave(worker) {
    if (this.#state !== 'closed' || this.#isClosing) return true;
    return worker !== undefined && worker.taken < (this.#barriers.get(worker) ?? 0);
  }
}
