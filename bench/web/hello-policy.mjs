// The Content Security Policy that a page needs: what it would violate of the strictest one.
const strictest = "default-src 'none'";
/** For the page itself, without the package. */
const ownSources = [['script-src', "'self'"]];

function sourceOf(blocked, address) {
  if (blocked === 'eval') return "'unsafe-eval'";
  if (blocked === 'wasm-eval') return "'wasm-unsafe-eval'";
  if (blocked === 'inline') return "'unsafe-inline'";
  if (blocked === 'blob' || blocked === 'data') return `${blocked}:`;
  return new URL(blocked).origin === address ? "'self'" : new URL(blocked).origin;
}

const directiveOf = (report) => report['effective-directive'].replace(/-(elem|attr)$/, '');

function textOf(sources) {
  const directives = [...new Set(sources.map(([directive]) => directive))].sort();
  const rules = directives.map((directive) => {
    const named = sources.filter(([other]) => other === directive).map(([, source]) => source);
    return [directive, ...[...new Set(named)].sort()].join(' ');
  });
  return rules.join('; ');
}

/** Whether the page gives processed frames under the policy. */
async function worksUnder(server, policy, run) {
  server.policy = `${strictest}; ${policy}`;
  try {
    await run();
    return true;
  } catch {
    return false;
  }
}

/** `run` runs the page. Returns the policy, and says so where the page doesn't work under it. */
export async function policyOf(server, run) {
  Object.assign(server, { policy: strictest, isReportOnly: true });
  try {
    await run();
    const reported = server.reports.map((report) => [
      directiveOf(report),
      sourceOf(report['blocked-uri'], server.address),
    ]);
    const policy = textOf([...ownSources, ...reported]);
    server.isReportOnly = false;
    // Some try `eval`, and do without it where it is forbidden.
    for (const candidate of new Set([policy.replace(" 'unsafe-eval'", ''), policy])) {
      if (await worksUnder(server, candidate, run)) return candidate;
    }
    return `${policy}: does not work under it`;
  } finally {
    Object.assign(server, { policy: undefined, isReportOnly: false });
  }
}
