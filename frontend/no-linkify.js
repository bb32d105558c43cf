// In place of linkify-it: addresses in a text are links only where they are written as links.
export default class NoLinkify {
  add() { return this; }
  set() { return this; }
}
