// The page's style. It goes to browsers as it stands here, and the page's policy names it by its hash.
// Colours have at least 4.5:1 against their ground (WCAG 2.2, 1.4.3); states have shapes and hatchings beside them.

/** CSS. */
export const STYLE = `
:root{--ground:#fcfcfa;--raised:#fff;--ink:#1d2226;--soft:#566069;--line:#e2e4e1;--strong:#c3c8c5;--open:#006a60;--filtered:#8f5200;--closed:#5f6973;--unfiltered:#5a4bab;--warn:#8f5200;--warn-ground:#fdf4e3;--link:#0b57a4}
@media screen and (prefers-color-scheme:dark){:root{--ground:#15181b;--raised:#1b1f23;--ink:#e3e6e8;--soft:#9ca6ae;--line:#2b3136;--strong:#454d54;--open:#56cdb9;--filtered:#e5ab55;--closed:#98a3ad;--unfiltered:#b3a6f2;--warn:#e5ab55;--warn-ground:#2a2318;--link:#86b9f0}}
*{box-sizing:border-box}
html{background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums;scroll-padding-top:1rem;-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0}
main{display:block;max-width:70rem;margin:0 auto;padding:2.5rem 1.5rem 5rem;overflow-wrap:anywhere}
h1,h2,h3,h4,p,dl,dd,figure{margin:0}
h1{font-size:1.9rem;line-height:1.25;font-weight:650;letter-spacing:-.01em;text-wrap:balance}
h2{font-size:1.3rem;line-height:1.3;font-weight:650;margin:3.5rem 0 1rem}
h3{font-size:1.05rem;line-height:1.4;font-weight:650}
h4{font-size:.9rem;font-weight:650;margin:1.25rem 0 .25rem}
a{color:var(--link);text-underline-offset:.15em;text-decoration-thickness:1px}
a:focus-visible,summary:focus-visible,[tabindex]:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:2px}
i{font-style:normal;color:var(--soft)}
b{font-weight:650}
small,.why,.rest{font-size:.875rem;color:var(--soft)}
.rest{margin-top:.6rem}
code,pre{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.875em}
summary{cursor:pointer;color:var(--soft);font-size:.875rem}
.sheet{position:absolute}
.brand{color:var(--soft);font-size:.875rem;margin-bottom:.4rem}
.o{color:var(--open)}.of{color:var(--open)}.u{color:var(--unfiltered)}.c{color:var(--closed)}.cf{color:var(--closed)}.f{color:var(--filtered)}
.line{fill:none;stroke:currentColor;stroke-width:1.5}.fill{fill:currentColor}.pale{opacity:.28}
.g{width:.72em;height:.72em;margin-right:.45em;vertical-align:-.02em}

.facts{display:flex;flex-wrap:wrap;gap:.35rem 2.25rem;margin-top:1rem;font-size:.9375rem}
.facts>div{min-width:0}
.facts dt{color:var(--soft);font-size:.8125rem}
header .facts{row-gap:.75rem}
header details{margin-top:.75rem}
dd details{max-width:60ch}

.verdict{font-size:1.2rem;line-height:1.5;margin-top:2rem;text-wrap:pretty}
.verdict::first-letter{text-transform:uppercase}
.tiles{display:grid;grid-template-columns:repeat(4,1fr);border:1px solid var(--line);border-radius:8px;margin-top:1.25rem;background:var(--raised)}
.tiles>div{display:flex;flex-direction:column-reverse;padding:.9rem 1.1rem}
.tiles>div+div{border-left:1px solid var(--line)}
.tiles dd{font-size:1.75rem;line-height:1.2;font-weight:600;letter-spacing:-.01em}
.tiles dt{color:var(--soft);font-size:.875rem}
nav{display:flex;flex-wrap:wrap;gap:.35rem 1.25rem;margin-top:1.1rem;font-size:.9375rem}
.warn,main::part(cut){display:block;margin:.5rem 0;padding:.6rem .9rem;border-left:3px solid var(--warn);background:var(--warn-ground);border-radius:0 4px 4px 0}
main::part(cut){margin-top:2rem}
.aborted .verdict{border-left:3px solid var(--warn);padding-left:.9rem}

table{border-collapse:collapse;width:100%;font-size:.9375rem}
caption{text-align:left;color:var(--soft);font-size:.875rem;padding-bottom:.5rem}
th,td{text-align:left;vertical-align:baseline;padding:.4rem 1.1rem .4rem 0;border-bottom:1px solid var(--line);unicode-bidi:isolate}
th:last-child,td:last-child{padding-right:0}
thead th{color:var(--soft);font-size:.8125rem;font-weight:500;border-bottom-color:var(--strong);vertical-align:bottom}
thead th{overflow-wrap:normal}
tbody th{font-weight:600}
.ports tbody th,.services tbody th,.states tbody th,.counts tbody th{white-space:nowrap}
.n{text-align:right;white-space:nowrap}
.wide{overflow-x:auto}

.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.5rem;margin:.4rem 0 .75rem;font-size:.9375rem}
.matrix caption,.ports caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.matrix{width:auto;font-size:.875rem}
.matrix th,.matrix td{padding:.22rem 0}
.matrix thead th{vertical-align:bottom}
.matrix thead th+th{width:1.75rem;min-width:1.75rem;height:8.5rem;text-align:left}
.matrix thead span{display:inline-block;writing-mode:vertical-rl;transform:rotate(180deg);white-space:nowrap;max-height:8.25rem;overflow:hidden;text-overflow:ellipsis}
.matrix thead b{color:var(--ink)}
.matrix tbody th{font-weight:400;padding-right:1rem;max-width:22rem;overflow:hidden;text-overflow:ellipsis;color:var(--soft)}
.matrix td{text-align:center;border-left:1px solid var(--line)}
.matrix .g{margin:0;width:.8em;height:.8em}
.matrix td.n{padding-left:.6rem;color:var(--soft)}
.matrix tbody tr:hover{background:var(--raised)}

.services .n{width:8.5rem}
.services td:nth-child(2){width:26%}
.bar{width:4.5rem;height:.35rem;margin-right:.75rem;vertical-align:.1em;border-radius:2px}
.bar .ground{fill:var(--line)}.bar .o{fill:var(--open)}
.which{font-size:.875rem}
.stack{display:block;width:100%;height:1.5rem;margin-bottom:1rem;border:1px solid var(--strong);border-radius:4px}
.states td:nth-child(2){width:52%}

.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(22rem,100%),1fr));gap:2rem}
.chart svg{display:block;width:100%;height:9rem;overflow:visible}
.chart figcaption{font-weight:400;color:var(--soft);margin-bottom:.6rem}
.chart b{color:var(--ink);margin-right:.5em}
.grid,.curve{fill:none;vector-effect:non-scaling-stroke}
.grid{stroke:var(--line)}
.curve{stroke:var(--open);stroke-width:1.75;stroke-linejoin:round}
.broken{stroke:var(--closed);stroke-dasharray:5 3}
.area{fill:var(--open);opacity:.12}
.axis{display:flex;justify-content:space-between;color:var(--soft);font-size:.8125rem;margin-top:.3rem}
.times{width:auto;min-width:min(26rem,100%);margin-top:.75rem}
#time details{margin-top:1rem}

article{padding:1.4rem 0 1.6rem;border-top:1px solid var(--strong);content-visibility:auto;contain-intrinsic-size:auto 20rem}
article.quiet{contain-intrinsic-size:auto 8rem}
.address{margin-right:.35em}
h3 bdi+bdi{font-weight:400}
.count{font-size:.8125rem;font-weight:500;color:var(--open);border:1px solid currentColor;border-radius:999px;padding:.05rem .55rem;margin-left:.35rem;white-space:nowrap}
article .facts{margin-top:.4rem}
.filter{margin-bottom:1rem;font-size:.9375rem}
.filter input{margin:0 .5em 0 0;vertical-align:-.1em;accent-color:var(--open)}
main:has(#only-open:checked) .quiet{display:none}
article table{margin-top:1rem}
.ports{table-layout:fixed}
.ports th,.ports td{padding-right:.75rem}
.ports th:nth-child(1){width:6.25rem}.ports th:nth-child(2){width:8.75rem}.ports th:nth-child(4){width:11rem}
.ports th:nth-child(5){width:6rem}.ports th:nth-child(6),.ports th:nth-child(7){width:3.5rem}
.ports td:nth-child(2){white-space:nowrap}
.ports .door th,.ports .door td:nth-child(2){color:var(--open)}
.trace{width:auto;min-width:min(20rem,100%)}
ol{margin:0;padding-left:1.4rem}
figcaption{font-size:.875rem;font-weight:600}
pre{margin:.25rem 0 .75rem;padding:.7rem .9rem;background:var(--raised);border:1px solid var(--line);border-radius:4px;white-space:pre-wrap}
.words{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1.5rem;margin-top:.5rem;font-size:.9375rem}
.words dt{font-weight:600}
#how table{margin-bottom:1.75rem}
#how h3{margin-top:1.75rem}
.counts{width:auto}

@media screen and (max-width:46rem){
main{padding:1.5rem 1rem 3rem}
h1{font-size:1.5rem}
.tiles{grid-template-columns:1fr 1fr}
.tiles>div:nth-child(odd){border-left:0}
.tiles>div:nth-child(n+3){border-top:1px solid var(--line)}
.ports thead,.services thead,.states thead,.how thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.ports,.services,.states,.how,.ports tbody,.services tbody,.states tbody,.how tbody,.services caption,.states caption,.how caption{display:block}
.ports tr,.services tr,.states tr,.how tr{display:flex;flex-wrap:wrap;gap:.1rem .9rem;padding:.5rem 0;border-bottom:1px solid var(--line)}
.ports th,.ports td,.services th,.services td,.states th,.states td,.how th,.how td{border:0;padding:0;width:auto!important;white-space:normal}
.ports td:empty,.services td:empty{display:none}
.ports .tries::before{content:"tries "}.ports .ttl::before{content:"TTL "}
.ports td:nth-child(n+4){color:var(--soft);font-size:.875rem}
.services .bar{display:none}.services .n::before{content:"on "}.services .n::after{content:" of the hosts"}
.states .n{order:-1}.states th{order:-2}.states .n::after{content:" ports"}
.services .which,.states td:nth-child(2),.states td:nth-child(4),.how td:last-child{flex-basis:100%}
.words{grid-template-columns:1fr;gap:0}.words dd{margin-bottom:.5rem}
}

@page{margin:16mm 14mm;@bottom-right{content:counter(page) " / " counter(pages);font-size:8pt}}
@media print{
:root{--ground:#fff;--raised:#fff;--warn-ground:#fff}
html{font-size:10pt;line-height:1.4}
main{max-width:none;padding:0}
nav{display:none}
a{color:inherit;text-decoration:none}
h2{margin-top:2rem}
h1,h2,h3,h4,caption,figcaption,thead{break-after:avoid}
thead{display:table-header-group}
tr,figure.chart,.tiles,.warn,.stack,dl.facts{break-inside:avoid}
article dl.facts,.legend,.stack{break-after:avoid}
.filter{display:none}
th,td{padding-top:.25rem;padding-bottom:.25rem}
article{content-visibility:visible;padding:.9rem 0}
details:not([open])::details-content{content-visibility:visible;display:block}
#time details{display:none}
.wide{overflow:visible}
.matrix{font-size:8pt}
.matrix thead th+th{width:1.45rem;min-width:1.45rem}
.matrix tbody th{max-width:15rem}
pre{white-space:pre-wrap}
svg{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
`;
