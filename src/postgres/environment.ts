/** What a program needs of its caller's environment, and what holds no secret. Windows: also for sockets. */
const SHARED = /^(PATH|LANG|LC_[A-Z]+|TZ|HOME|SYSTEMROOT|SYSTEMDRIVE|TEMP|TMP|PATHEXT)$/i;

/** What Node itself reads (certificates, options, and the proxy for outgoing requests), and an SDK of OpenTelemetry that they load. */
const NODE = /^(NODE_.+|OTEL_.+|SSL_CERT_(FILE|DIR)|UV_THREADPOOL_SIZE|(HTTPS?|NO)_PROXY)$/i;

/**
 * The environment of a child process. This process's own can hold private keys and passwords, and whoever may
 * look at a process may read its environment: PostgreSQL and its tools get only what they need.
 * @param forNode the child runs our own program
 */
export function childEnvironment(forNode = false): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => SHARED.test(name) || (forNode && NODE.test(name)),
  );
  return Object.fromEntries(kept);
}
