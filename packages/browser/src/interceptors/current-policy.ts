import type { HeaderPolicy } from './policy-port.ts'
import type { Uninstall } from './uninstall.ts'

/** What `interceptAxios` and `kyHooks` accept: the client, or a policy itself. */
export type PolicySource = HeaderPolicy | { readonly headerPolicy: HeaderPolicy }

// On the global and not in a module: the CommonJS builds of the subpaths each carry a copy of this file.
const SLOT = Symbol.for('helloagain.policy')

/** Makes the policy the one that hooks without a client use. The undo gives way only to its own policy. */
export function setCurrentPolicy(policy: HeaderPolicy): Uninstall {
  Reflect.set(globalThis, SLOT, policy)
  return () => {
    if (findCurrentPolicy() === policy) Reflect.deleteProperty(globalThis, SLOT)
  }
}

function findCurrentPolicy(): HeaderPolicy | undefined {
  return Reflect.get(globalThis, SLOT) as HeaderPolicy | undefined
}

export function findPolicy(source: PolicySource | undefined): HeaderPolicy | undefined {
  if (!source) return findCurrentPolicy()
  return 'headerPolicy' in source ? source.headerPolicy : source
}
