// The lead over time as a picture, with its bound.

const svgSpace = 'http://www.w3.org/2000/svg'

function shape(parent, name, attributes, text) {
  const e = document.createElementNS(svgSpace, name)
  for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v)
  if (text !== undefined) e.textContent = text
  parent.append(e)
  return e
}

// drawLead draws what verdict.leads says: the lead moves while a turn of the line goes on, and falls back at a clamp.
function drawLead(v) {
  const wide = 900, high = 320, left = 62, right = 14, top = 34, bottom = 52
  const end = Math.max(1, v.floor.now), reach = Math.max(v.leadBound, v.mostLead, 1) * 1.1
  const x = at => left + (wide - left - right) * Math.min(at, end) / end
  const y = lead => top + (high - top - bottom) * (reach - lead) / (2 * reach)
  const svg = document.createElementNS(svgSpace, 'svg')
  svg.setAttribute('viewBox', `0 0 ${wide} ${high}`)
  svg.setAttribute('role', 'img')
  svg.setAttribute('aria-label', `${say('picture')}. ${say('most-lead')}: ${say('within', { d: clock(v.mostLead), bound: clock(v.leadBound) })}. ${leadAtTheEnd(v)}`)
  for (const { from, to } of v.spans) shape(svg, 'rect', { class: 'severed', x: x(from), y: top, width: Math.max(1, x(to) - x(from)), height: high - top - bottom })
  shape(svg, 'path', { class: 'axis', d: `M${left} ${y(0)}H${wide - right}M${left} ${top}V${high - bottom}` })
  shape(svg, 'text', { x: left - 8, y: y(0) + 4, 'text-anchor': 'end' }, '0')
  for (const b of [v.leadBound, -v.leadBound]) {
    shape(svg, 'path', { class: 'bound', d: `M${left} ${y(b)}H${wide - right}` })
    shape(svg, 'text', { x: left - 8, y: y(b) + 4, 'text-anchor': 'end' }, (b < 0 ? '−' : '+') + clock(Math.abs(b)))
  }
  const step = niceStep(end)
  for (let at = 0; at <= end; at += step) {
    shape(svg, 'path', { class: 'axis', d: `M${x(at)} ${high - bottom}v6` })
    shape(svg, 'text', { x: x(at), y: high - bottom + 22, 'text-anchor': at ? 'middle' : 'start' }, clock(at))
  }
  let d = `M${x(0)} ${y(0)}`, lead = 0, at = 0
  for (const l of v.leads) {
    d += `L${x(l.turn ? Math.max(at, l.turn.start) : l.at)} ${y(lead)}L${x(l.at)} ${y(l.lead)}`
    lead = l.lead
    at = l.at
    if (!l.turn) continue
    const from = x(l.turn.start), size = Math.max(2, x(l.at) - from)
    if (l.turn.side === 'room') shape(svg, 'rect', { class: 'in-room', x: from, y: 10, width: size, height: 10 })
    else shape(svg, 'rect', { class: 'in-line', x: from, y: high - 20, width: size, height: 10, rx: 5 })
  }
  shape(svg, 'path', { class: 'lead', d: d + `L${x(end)} ${y(lead)}` })
  shape(svg, 'text', { x: left - 8, y: 20, 'text-anchor': 'end' }, say('side.room'))
  shape(svg, 'text', { x: left - 8, y: high - 10, 'text-anchor': 'end' }, say('side.online'))
  return svg
}

// niceStep parts a time into at most ten even steps.
function niceStep(end) {
  for (const minutes of [1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440]) if (end / (minutes * 60000) <= 10) return minutes * 60000
  return end / 10
}

function leadAtTheEnd(v) {
  if (v.lead === 0) return say('lead-none')
  return say(v.lead > 0 ? 'lead-online' : 'lead-room', { d: clock(Math.abs(v.lead)) })
}
