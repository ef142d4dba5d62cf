/** Puts `observe` on the window: it resolves with what the library made of this browser. */
export function offerObserve(observe: () => Promise<object>): void {
  Object.assign(globalThis, { observe })
}
