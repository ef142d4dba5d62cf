import type { RecognitionAnswer, RecognitionMethod } from '@helloagain/protocol'

export const NOBODY: RecognitionAnswer = { method: 'new_user', isReturning: false }

/** Key, cookie and token leave no doubt; anything weaker tells no more than that somebody like this was here. */
export function recogniseBy(method: RecognitionMethod): RecognitionAnswer {
  if (method === 'new_user') return NOBODY
  const isCertain = method === 'cookie' || method === 'device_key' || method === 'session_token'
  return { method, isReturning: true, ...(isCertain && { confidence: 100, anonymitySet: 1 }) }
}
