/** Calls one after another: what is written is written by one at a time. */
export class Queue {
  #last: Promise<unknown> = Promise.resolve();

  add<T>(call: () => Promise<T>): Promise<T> {
    const result = this.#last.then(call, call);
    this.#last = result;
    result.catch(() => {}); // who added it hears of it
    return result;
  }
}
