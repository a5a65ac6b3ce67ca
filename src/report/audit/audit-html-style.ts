// What the page of an audit needs beside the style that all pages share: severities, and ports by vantage points.
// Colours have at least 4.5:1 against their ground (WCAG 2.2, 1.4.3); severities are written as words, too.

/** CSS, behind the common style. */
export const AUDIT_STYLE = `
:root{--critical:#9b1236;--high:#b3301c;--medium:#8f5200;--low:#566069}
@media screen and (prefers-color-scheme:dark){:root{--critical:#ff8fa6;--high:#ff9c85;--medium:#e5ab55;--low:#9ca6ae}}
main{max-width:80rem}
.critical{--tone:var(--critical)}.high{--tone:var(--high)}.medium{--tone:var(--medium)}.low{--tone:var(--low)}.info{--tone:var(--low)}
.finding{border-left:3px solid var(--tone);padding:.2rem 0 .3rem 1rem;margin:1.4rem 0;border-top:0;contain-intrinsic-size:auto 9rem}
.severity{color:var(--tone);font-size:.75rem;font-weight:650;letter-spacing:.04em;text-transform:uppercase;margin-right:.6em}
.finding ul{margin:.4rem 0;padding-left:1.1rem;font-size:.9375rem}
.where{font-size:.875rem;color:var(--soft);margin-top:.15rem}
.next{margin-top:.4rem}
.next b{margin-right:.4em}
.tiles .some dd{color:var(--tone)}
.tiles .none dd{color:var(--soft);font-weight:400}
.good .verdict{color:var(--open)}
.host{content-visibility:visible}
.vantages{flex-direction:column;gap:.6rem}
.accepted td:nth-child(3),.accepted td:nth-child(5){white-space:nowrap}
.accepted td:nth-child(2){min-width:8rem}
.accepted th .why{font-weight:400}
.audit{width:auto;min-width:100%;font-size:.875rem}
.audit th,.audit td{padding:.35rem .9rem .35rem 0;vertical-align:top;overflow-wrap:normal}
.audit thead tr:first-child .vantage{border-bottom:0;color:var(--ink);font-weight:650}
.audit .from{border-left:1px solid var(--line);padding-left:.9rem}
.audit .address th{padding-top:1rem;font-size:.9375rem;border-bottom-color:var(--strong)}
.audit tbody th{white-space:nowrap}
.audit tbody th i{font-weight:400;margin-left:.5em}
.audit .why{display:block;max-width:22rem;font-size:.75rem;line-height:1.4}
.audit .rule,.audit .name{overflow-wrap:anywhere;min-width:9.5rem}
.audit .state{white-space:nowrap}
.audit .contrary{color:var(--high)}
.audit .contrary::after{content:" !";font-weight:650}
.audit .severity{margin:0}
.audit tr.act th:first-child{box-shadow:inset 3px 0 var(--tone);padding-left:.7rem}
.audit tbody tr:not(.act) th:first-child,.audit thead tr:first-child th:first-child{padding-left:.7rem}
main:has(#only-action:checked) .audit tr.fine{display:none}
@media print{
main{max-width:none}
.finding{break-inside:avoid}
.audit{font-size:8pt}
.audit th,.audit td{padding-right:.5rem}
.audit .from{padding-left:.5rem}
.audit .why{font-size:7pt}
.audit .rule,.audit .name{min-width:6.5em}
.audit .address{break-after:avoid}
}
`;
