/** Names of plug-ins. The same five or none in every current browser (2026-11), so a rare list means an old one. */
export function readPlugins(): string[] {
  return Array.from(navigator.plugins ?? [], (plugin) => plugin.name)
}
