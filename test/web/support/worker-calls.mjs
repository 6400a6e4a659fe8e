/** Answers calls by name, in a Worker: `inWorkerOf` of in-page.mjs is the other end. */
export function answerCalls(calls) {
  self.addEventListener('message', async ({ data: { name, args } }) => {
    try {
      self.postMessage({ answer: await calls[name](...args) });
    } catch (error) {
      self.postMessage({ error: String(error) });
    }
  });
}
