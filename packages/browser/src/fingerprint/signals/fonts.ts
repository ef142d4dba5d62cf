// The list of FingerprintJS (MIT): fonts that come with an operating system, an office suite or a design program.
const FONTS =
  'sans-serif-thin,ARNO PRO,Agency FB,Arabic Typesetting,Arial Unicode MS,AvantGarde Bk BT,BankGothic Md BT,Batang,Bitstream Vera Sans Mono,Calibri,Century,Century Gothic,Clarendon,EUROSTILE,Franklin Gothic,Futura Bk BT,Futura Md BT,GOTHAM,Gill Sans,HELV,Haettenschweiler,Helvetica Neue,Humanst521 BT,Leelawadee,Letter Gothic,Levenim MT,Lucida Bright,Lucida Sans,Menlo,MS Mincho,MS Outlook,MS Reference Specialty,MS UI Gothic,MT Extra,MYRIAD PRO,Marlett,Meiryo UI,Microsoft Uighur,Minion Pro,Monotype Corsiva,PMingLiU,Pristina,SCRIPTINA,Segoe UI Light,Serifa,SimHei,Small Fonts,Staccato222 BT,TRAJAN PRO,Univers CE 55 Medium,Vrinda,ZWAdobeF'
const FALLBACKS = ['monospace', 'serif']
/** Fonts between two pauses; each costs up to half a millisecond when the system looks it up first. */
const FONTS_A_SLICE = 18

/**
 * Which of 52 telling fonts are installed: a text is as wide as in the fallback font where one is missing.
 * Measured on a canvas, because FingerprintJS's own source builds an iframe and blocks for 30–60 ms.
 */
export async function readFonts(pause: () => Promise<void>): Promise<string[] | undefined> {
  const context = document.createElement('canvas').getContext('2d')
  if (!context) return undefined
  const width = (family: string) => {
    context.font = `48px ${family}`
    return context.measureText('mmMwWLliI0O&1').width
  }
  const plain = FALLBACKS.map(width)
  const isInstalled = (font: string) =>
    FALLBACKS.some((fallback, index) => width(`"${font}",${fallback}`) !== plain[index])

  const fonts = FONTS.split(',')
  const found: string[] = []
  for (let at = 0; at < fonts.length; at += FONTS_A_SLICE) {
    await pause()
    found.push(...fonts.slice(at, at + FONTS_A_SLICE).filter(isInstalled))
  }
  return found
}
