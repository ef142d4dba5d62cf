import { type DestinationStream, type Logger, pino } from 'pino'

export type Log = Pick<Logger, 'debug' | 'error' | 'info' | 'isLevelEnabled' | 'warn'>

/** Structured log lines. Nothing personal goes in: no addresses, names, tokens, payloads or query strings. */
export function createLog(level: string, destination?: DestinationStream): Log {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime }
  return destination ? pino(options, destination) : pino(options)
}
