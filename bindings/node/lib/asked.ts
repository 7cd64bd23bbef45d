import { native, type RawAsked } from "./native.js";
import { outside } from "./progress.js";

/** What is said to a question of the library: a number and texts. */
export type Reply = readonly [number: number, texts: readonly (string | Uint8Array)[]];

/** Registers, by `register`, what is asked and told by the library, and gives its id. What `reply` throws fails what asked,
 * and is a warning of the process. What is only told gets no answer. */
export function attachAsked(
  reply: (what: string, given: readonly unknown[]) => Reply | Promise<Reply> | void,
  register: (raw: RawAsked) => number,
): number {
  const id = register((question, what, ...given) => {
    if (question === undefined) return outside(() => void reply(what, given));
    const answer = ([number, texts]: Reply) => native.answer(id, question, number, texts);
    const fail = (error: unknown) => {
      native.answer(id, question, 0, undefined);
      process.emitWarning(error instanceof Error ? error : String(error));
    };
    try {
      const said = reply(what, given)!;
      if (said instanceof Promise) said.then(answer).catch(fail);
      else answer(said);
    } catch (error) {
      fail(error);
    }
  });
  return id;
}
