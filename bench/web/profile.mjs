// Where a network's time goes in Chromium, by the benchmark's own module (bench/profile).

/** As bench/profile/profile.h has it. */
export async function profileInBrowser(browser, model, variant, rounds) {
  const answer = await browser.call('profile', variant, model, rounds);
  if (!answer.startsWith('{')) throw new Error(`${model.file}: ${answer}`);
  return JSON.parse(answer);
}
