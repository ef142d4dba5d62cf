const countOf = (text: string, kind: RegExp): number => text.match(kind)?.length ?? 0

/** How code names things: words of lower case, each after up to five capitals (`HTMLCanvasElement`), or capitals alone. */
const NAME = /^(?:[A-Z]{0,5}[a-z]{0,23}(?:[A-Z]{1,5}[a-z]{2,23})*[A-Z]{0,5}|[A-Z]{1,20})\d{0,2}$/

/**
 * Whether an unbroken run of letters, digits and `_~+%=$-` is a token rather than a word or a name of code: keys and
 * ids mix what words keep apart.
 */
export function isSecret(run: string): boolean {
  const digits = countOf(run, /\d/g)
  // Ids and hashes in hex; `deadbeef` alone is a word.
  if (run.length > 7 && digits > 0 && /^(?:0x)?[\da-f-]+$/i.test(run)) return true
  const isMixed = digits > 2 && /[a-z]/.test(run) && /[A-Z]/.test(run)
  if (run.length < 16) return run.length > 9 && isMixed
  return digits > 2 || run.split(/[_~+%=$-]/).some((word) => word.length > 5 && !NAME.test(word))
}
