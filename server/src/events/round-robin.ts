/** Queues of several sources, of which each is served in turn; within a source, in the order of arrival. */
export interface RoundRobin<T> {
  readonly size: number
  push(source: string, item: T): void
  /** What comes next; undefined when nothing waits. */
  peek(): T | undefined
  shift(): T | undefined
}

export function createRoundRobin<T>(): RoundRobin<T> {
  // Iterates in the order of turns: who was served, goes to the end.
  const queues = new Map<string, T[]>()
  let size = 0
  const first = () => queues.entries().next().value
  return {
    get size() {
      return size
    },
    push(source, item) {
      const queue = queues.get(source)
      if (queue) queue.push(item)
      else queues.set(source, [item])
      size += 1
    },
    peek: () => first()?.[1][0],
    shift() {
      const next = first()
      if (!next) return undefined
      const [source, queue] = next
      const item = queue.shift()
      if (queues.size > 1 || queue.length === 0) queues.delete(source)
      if (queue.length > 0) queues.set(source, queue)
      size -= 1
      return item
    },
  }
}
