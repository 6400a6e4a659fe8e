// A clock that hidden pages do not slow down: it posts a message every so many milliseconds.
let timer: ReturnType<typeof setInterval> | undefined;

self.addEventListener('message', ({ data: milliseconds }: MessageEvent<number>) => {
  clearInterval(timer);
  timer = setInterval(() => {
    self.postMessage(undefined);
  }, milliseconds);
});
