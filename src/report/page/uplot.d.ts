/** The chart library, which runs before the page's own scripts. */
declare const uPlot: any
