// Some 200 bytes each.
const MAX_REMEMBERED = 5000

/** Remembers what a pure function answered to the last few thousand texts; requests ask about the same few. */
export function remember<T>(answer: (text: string) => T): (text: string) => T {
  const answers = new Map<string, T>()
  return (text) => {
    const known = answers.get(text)
    if (known !== undefined) return known
    const fresh = answer(text)
    if (answers.size >= MAX_REMEMBERED) answers.clear()
    answers.set(text, fresh)
    return fresh
  }
}
