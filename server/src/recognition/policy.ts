import { MIN_LINK_OBSERVATION_CONFIDENCE } from '@helloagain/protocol'
import { JOINT_BITS } from '@helloagain/recognition'
import type { Match } from './ports.ts'

/**
 * Probability that the same device id is the same browser. The id is random, so two browsers do not draw the same one;
 * what is left is copies: cloned machine images, synchronised profiles, somebody who read it. Copies are why it is
 * never 100 and never proof.
 */
export const DEVICE_ID_CONFIDENCE = 99

/** API.md: a link by fingerprint needs at least this probability. */
export const MIN_LINK_CONFIDENCE = 99

/** Visitors with the same evidence beyond which counting them further changes nothing. */
export const MAX_HOLDERS = 50

/** What an observation is taken for when nothing is known of it: below every threshold. */
export const UNKNOWN_OBSERVATION_CONFIDENCE = 30

/** The most an observation counts when its signals do not make its hash: below every threshold. */
export const UNVERIFIED_OBSERVATION_CONFIDENCE = MIN_LINK_OBSERVATION_CONFIDENCE - 1

/**
 * Probability, 0–100, that the one holder of a bare hash is the visitor in front of us: 1 / (1 + N · 2^-bits).
 * Each of the site's N visitors is as likely to come by as any other, and each shares an observation of so many bits
 * by chance with 2^-bits. Without signals there is nothing else to go by. Rounded down, so that 98.9 is not 99.
 */
export function fingerprintProbability(bits: number, visitorCount: number): number {
  return Math.floor(100 / (1 + Math.max(1, visitorCount) * 2 ** -bits))
}

/** Bits behind an observation confidence; confidence is their share of what a full observation tells. */
export const bitsOfConfidence = (confidence: number): number => (confidence / 100) * JOINT_BITS

/**
 * Whether a match is good enough to link or convert by.
 *
 * @param minConfidence of a match by fingerprint, 0–100; that of a device id is what it is
 */
export function isLinkable(
  { method, observationConfidence, confidence, anonymitySet }: Match,
  minConfidence = MIN_LINK_CONFIDENCE,
): boolean {
  return (
    observationConfidence >= MIN_LINK_OBSERVATION_CONFIDENCE &&
    confidence >= (method === 'device_id' ? DEVICE_ID_CONFIDENCE : minConfidence) &&
    anonymitySet === 1
  )
}
