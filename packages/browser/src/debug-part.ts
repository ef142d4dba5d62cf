import type { DebugCore } from './debug/debug-core.ts'
import { explain } from './debug/explain.ts'
import type { Fact } from './debug/facts.ts'
import { lookAround } from './debug/look-around.ts'
import { openPanel } from './debug/panel.ts'

/**
 * Opens the overlay "Why not recognised?". It shows what the SDK saw, no value of a signal and nobody's data, and
 * sends nothing. @returns how it is told what happens
 */
export function openOverlay(core: DebugCore): (fact: Fact) => void {
  const facts: Fact[] = []
  const panel = openPanel(core.world.scope.document, () => render())
  const render = (): void => panel.show(explain(lookAround(core), facts))
  core.undos.push(panel.close)
  render()
  return (fact) => {
    facts.push(fact)
    render()
  }
}
