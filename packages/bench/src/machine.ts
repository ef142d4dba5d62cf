import { cpus, loadavg, totalmem } from 'node:os'

/** Processors, memory and Node of this machine. */
export const describeMachine = (): string =>
  `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`

/** How busy it was in the last minute, by whatever ran on it. */
export const describeLoad = (): string => `${(loadavg()[0] ?? 0).toFixed(1)} on ${cpus().length} processors`
