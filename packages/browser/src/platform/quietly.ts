/** What is read, or undefined where reading throws. */
export function quietly<T>(read: (() => T) | undefined): T | undefined {
  try {
    return read?.()
  } catch {
    return
  }
}
