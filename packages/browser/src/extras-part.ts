import type { ClientParts } from './client-parts.ts'
import type { Client } from './client-surface.ts'
import type { CaptureErrorsOptions } from './errors/error-payload.ts'
import type * as errors from './errors-part.ts'
import { type FormsPort, installForms, prefill } from './extras.ts'
import type { Guard } from './guard.ts'
import { createKnownPerson, type KnownPerson, type KnownPersonOptions } from './identity/known-person.ts'
import type { Uninstall } from './interceptors/uninstall.ts'
import { interceptXhr } from './interceptors/xhr.ts'
import type { Settings } from './options.ts'
import { SdkError } from './sdk-error.ts'
import type { Surroundings } from './surroundings.ts'
import { findRefusal } from './transport/transport.ts'

/** What the later part needs of the core. */
export interface ExtrasCore {
  client: Client
  settings: Pick<Settings, 'captureErrors'>
  parts: ClientParts
  guard: Guard
  keeper: { whenReady(): Promise<void>; reopen(): Promise<unknown> }
  world: Surroundings & { parts: { errors(): Promise<typeof errors> } }
  /** Called when the person is forgotten here. */
  resets: Set<() => void>
  /** What the client undoes when it is closed. */
  undos: Uninstall[]
}

/** How the core reaches the person's data. */
export function personOptions({
  parts,
  guard,
  keeper,
}: Pick<ExtrasCore, 'guard' | 'keeper' | 'parts'>): KnownPersonOptions {
  const { consent, identity, transport } = parts
  return {
    ...{ transport, sessionId: identity.sessionId, reopen: keeper.reopen },
    mayCall: () => keeper.whenReady().then(() => consent.mode() === 'recognition'),
    onRefused(call, failed) {
      const { status } = failed
      const refusal = findRefusal(failed)
      guard.report(new SdkError('request.failed', `${call}: ${refusal ?? status}`, { status, refusal }))
    },
  }
}

/** What comes with the later part: the person's data, forms, prefill and `XMLHttpRequest`. */
export interface Extras extends KnownPerson {
  prefill(form: HTMLFormElement): Promise<number>
  captureErrors(options?: CaptureErrorsOptions | true): Promise<Uninstall>
  installForms(): Uninstall
  interceptXhr(): Uninstall
}

function createFormsPort({ client, resets }: ExtrasCore, person: KnownPerson): FormsPort {
  const onReset = (callback: () => void): Uninstall => {
    resets.add(callback)
    return () => resets.delete(callback)
  }
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
  const person = createKnownPerson(personOptions(core))
  const port = createFormsPort(core, person)
  const { client, guard, undos, settings, world } = core
  const captureErrors: Extras['captureErrors'] = async (options) =>
    (await world.parts.errors()).captureErrors(client.track, undos, options)
  if (settings.captureErrors) void guard.wrap(captureErrors)(settings.captureErrors)
  return {
    ...{ ...person, captureErrors },
    prefill: (form) => prefill(form, port),
    installForms: () => installForms(port, world.scope.document),
    interceptXhr: () => interceptXhr(core.parts.policy, world.scope),
  }
}
