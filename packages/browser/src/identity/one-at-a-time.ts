type LockScope = { navigator: { locks?: Pick<LockManager, 'request'> } }

/**
 * Runs work so that no other tab of this site runs work of the same name meanwhile.
 *
 * Without Web Locks (plain http outside loopback; Safari before 15.4) `without` runs. Where it is the work itself, as
 * when a session is opened, the tab that is answered last writes the session it holds the cookie of, and the others
 * follow it.
 */
export async function runAlone<T>(
  scope: LockScope,
  name: string,
  { work, without = work }: { work: () => Promise<T>; without?: () => Promise<T> },
): Promise<T> {
  const { locks } = scope.navigator
  if (!locks) return without()
  let isStarted = false
  const once = (): Promise<T> => {
    isStarted = true
    return work()
  }
  try {
    return await locks.request(name, once)
  } catch (error) {
    // Opaque origins have the API and refuse it (SecurityError).
    if (isStarted) throw error
    return without()
  }
}
