import type { Client } from './client-surface.ts'
import { type FormsPort, installForms, prefill } from './extras.ts'
import { createKnownPerson, type KnownPerson, type KnownPersonOptions } from './identity/known-person.ts'
import type { Uninstall } from './interceptors/uninstall.ts'
import { interceptXhr } from './interceptors/xhr.ts'
import type { PageScope } from './page-scope.ts'

/** What the later part needs of the core. */
export interface ExtrasCore extends KnownPersonOptions {
  client: Client
  scope: PageScope
  /** Calls back when the person is forgotten here. */
  onReset(callback: () => void): Uninstall
}

/** What comes with the later part: the person's data, forms, prefill and `XMLHttpRequest`. */
export interface Extras extends KnownPerson {
  prefill(form: HTMLFormElement): Promise<number>
  installForms(): Uninstall
  interceptXhr(): Uninstall
}

function createFormsPort({ client, onReset }: ExtrasCore, person: KnownPerson): FormsPort {
  let isReturning = false
  client.onRecognized(() => {
    isReturning = true
  })
  onReset(() => {
    isReturning = false
  })
  return {
    ...{ track: client.track, onRecognized: client.onRecognized, onReset },
    ...{ saveProgress: client.saveProgress, resume: client.resume },
    reset: () => void client.reset(),
    async userData() {
      const answer = await person.look()
      return answer && { ...answer.session, restricted: answer.restricted }
    },
    async isReturning() {
      await client.ready()
      return isReturning
    },
  }
}

export function openExtras(core: ExtrasCore): Extras {
  const person = createKnownPerson(core)
  const port = createFormsPort(core, person)
  return {
    ...person,
    prefill: (form) => prefill(form, port),
    installForms: () => installForms(port, core.scope.document),
    interceptXhr: () => interceptXhr(core.client.headerPolicy, core.scope),
  }
}
