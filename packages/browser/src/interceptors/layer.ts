import { quietly } from '../platform/quietly.ts'
import type { Uninstall } from './uninstall.ts'

/** On every function of ours: the function it wraps. The SDK's own sender follows it to the unpatched `fetch`. */
export const ORIGINAL = Symbol.for('helloagain.original')

export type Callable = (this: unknown, ...args: unknown[]) => unknown

/** One wrapped method. Without a user it passes everything through. */
export interface Layer<User> {
  /** For whom the method is wrapped: the policy of a request, or who is told of a call. */
  user: User | undefined
  readonly original: Callable
}

interface InstalledLayer extends Layer<unknown> {
  hold(): Uninstall
}

const layers = /* @__PURE__ */ new WeakMap<object, InstalledLayer>()

/** The function below all wrappers of ours, in this or another copy of the SDK. */
export function unwrapped<T>(wrapped: T): T {
  let inner: unknown = wrapped
  while (typeof inner === 'function' && ORIGINAL in inner) inner = inner[ORIGINAL]
  // Every wrapper has the signature of what it wraps.
  return inner as T
}

function disguise(wrapper: Callable, original: Callable): void {
  // Libraries test for a native function by these; the marker is not enumerable so that nobody copies it.
  const { name, length } = original
  const show = (key: PropertyKey, value: unknown) =>
    Object.defineProperty(wrapper, key, { value, configurable: true })
  show('name', name)
  show('length', length)
  show('toString', () => `${original}`)
  show(ORIGINAL, original)
}

// Quietly, because of setters that throw: the page wants its own method, and gets it.
const replace = (target: object, name: string, method: Callable): boolean =>
  !!quietly(() => Reflect.set(target, name, method) && Reflect.get(target, name) === method)

export interface LayerSpec<User> {
  user: User
  /** Makes the wrapper. It reads `layer.user` on every call, and must be the same for all users of a method. */
  wrap: (layer: Layer<User>) => Callable
}

/**
 * Wraps a method. The same user installed twice is one layer. After the undo the layer passes everything through, and
 * it leaves the chain only while it is the outermost: somebody else's wrapper above ours stays in place.
 */
export function installLayer<User>(target: object, name: string, { user, wrap }: LayerSpec<User>): Uninstall {
  const current: unknown = Reflect.get(target, name)
  if (typeof current !== 'function') return () => {}
  const outermost = layers.get(current)
  // An emptied layer of ours on top is taken into use again, so that the chain never grows by undoing and redoing.
  if (outermost && (outermost.user ?? user) === user) {
    outermost.user = user
    return outermost.hold()
  }
  const isOwn = !!Reflect.getOwnPropertyDescriptor(target, name)
  const holders = new Set<Uninstall>()
  const layer: InstalledLayer & Layer<User> = {
    user,
    original: current as Callable,
    hold() {
      const release = (): void => {
        // Each holder gives up once; the last one takes the layer off.
        if (!holders.delete(release) || holders.size) return
        layer.user = undefined
        if (Reflect.get(target, name) !== wrapper) return
        // In a worker `fetch` is inherited; there our own copy is removed instead of becoming a second one.
        if (isOwn) replace(target, name, layer.original)
        else Reflect.deleteProperty(target, name)
      }
      holders.add(release)
      return release
    },
  }
  const wrapper = wrap(layer)
  disguise(wrapper, layer.original)
  if (!replace(target, name, wrapper)) return () => {}
  layers.set(wrapper, layer)
  return layer.hold()
}
