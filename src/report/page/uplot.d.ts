/** The chart library, which runs before the page's own scripts. */
// biome-ignore lint/suspicious/noExplicitAny: its own types need options in one piece, which the charts share
declare const uPlot: any
