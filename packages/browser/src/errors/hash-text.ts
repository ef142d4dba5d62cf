/** FNV-1a of 32 bits, begun at a seed. @see https://datatracker.ietf.org/doc/html/draft-eastlake-fnv */
function fnv1a(text: string, seed: number): string {
  let hash = seed
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return (hash >>> 0).toString(16).padStart(8, '0')
}

/** 16 hex digits that tell texts apart; nothing to rely on against an attacker. */
export const hashText = (text: string): string => fnv1a(text, 0x811c9dc5) + fnv1a(text, 0x9dc5811c)
