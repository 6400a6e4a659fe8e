// A timer that browsers do not throttle in hidden pages: it posts a message at each interval.
let timer: ReturnType<typeof setInterval> | undefined;

export {};

self.addEventListener('message', ({ data: milliseconds }: MessageEvent<number>) => {
  clearInterval(timer);
  timer = setInterval(() => {
    self.postMessage(undefined);
  }, milliseconds);
});
