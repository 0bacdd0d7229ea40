// What does the pointer ask? A cross hair, and the words for what lies under it.
import { el } from '../element.ts';
import { clockMs } from '../format.ts';
import { msAt, tickAt, type Scale } from '../scale.ts';
import type { Colours } from '../theme.ts';
import type { Spot } from './frame.ts';

export interface CursorPorts {
  scale(): Scale | undefined;
  colours(): Colours;
  spots(): readonly Spot[];
  read(tick: number, ms: number): string[];
  onDrag(pixels: number): void;
  onWheel(steps: 1 | -1, isTime: boolean): void;
}

const WHEEL_STEP = 60;

export class MapCursor {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #tip: HTMLElement;
  readonly #ports: CursorPorts;
  #x: number | undefined;
  #y = 0;
  #dragFrom: number | undefined;
  #wheel = 0;
  #width = 0;
  #height = 0;

  constructor(plot: HTMLCanvasElement, canvas: HTMLCanvasElement, tip: HTMLElement, ports: CursorPorts) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d') as CanvasRenderingContext2D;
    this.#tip = tip;
    this.#ports = ports;
    plot.addEventListener('pointermove', (event) => this.#move(event));
    plot.addEventListener('pointerleave', () => this.#leave());
    plot.addEventListener('pointerdown', (event) => {
      if (event.pointerType === 'touch') return;
      this.#dragFrom = event.clientY;
      plot.setPointerCapture(event.pointerId);
    });
    plot.addEventListener('pointerup', () => (this.#dragFrom = undefined));
    plot.addEventListener('pointercancel', () => (this.#dragFrom = undefined));
    plot.addEventListener('wheel', (event) => this.#roll(event), { passive: false });
  }

  resize(width: number, height: number, ratio: number): void {
    this.#width = width;
    this.#height = height;
    this.#canvas.width = Math.max(1, Math.round(width * ratio));
    this.#canvas.height = Math.max(1, Math.round(height * ratio));
    this.#context.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  draw(): void {
    const context = this.#context;
    const scale = this.#ports.scale();
    context.clearRect(0, 0, this.#width, this.#height);
    const x = this.#x;
    this.#tip.hidden = true;
    if (x === undefined || scale === undefined) return;
    const y = this.#y;
    const spot = this.#ports
      .spots()
      .findLast((one) => x >= one.left && x <= one.right && y >= one.top && y <= one.bottom);
    const isInside = x <= scale.left + scale.width && y <= scale.top + scale.height;
    if (!isInside && spot === undefined) return;
    if (isInside) this.#cross(scale, x, y);
    const tick = tickAt(scale, y);
    const ms = msAt(scale, x);
    const lines = isInside ? [...this.#ports.read(tick, ms), clockMs(ms)] : [];
    this.#say(spot === undefined ? lines : [...spot.lines(), ...lines.slice(0, 2)], x, y);
  }

  #cross(scale: Scale, x: number, y: number): void {
    const context = this.#context;
    context.strokeStyle = this.#ports.colours().soft;
    context.lineWidth = 1;
    context.setLineDash([3, 3]);
    context.beginPath();
    context.moveTo(Math.round(x) + 0.5, scale.top);
    context.lineTo(Math.round(x) + 0.5, scale.top + scale.height);
    context.moveTo(scale.left, Math.round(y) + 0.5);
    context.lineTo(scale.left + scale.width, Math.round(y) + 0.5);
    context.stroke();
  }

  #say(lines: readonly string[], x: number, y: number): void {
    const tip = this.#tip;
    tip.replaceChildren(...lines.map((line) => el('div', {}, line)));
    tip.hidden = false;
    const { width, height } = tip.getBoundingClientRect();
    const left = x + 16 + width > this.#width ? x - 16 - width : x + 16;
    const top = Math.min(Math.max(4, y + 14), this.#height - height - 4);
    tip.style.setProperty('--x', `${Math.max(4, Math.round(left))}px`);
    tip.style.setProperty('--y', `${Math.round(top)}px`);
  }

  #move(event: PointerEvent): void {
    this.#x = event.offsetX;
    this.#y = event.offsetY;
    if (this.#dragFrom !== undefined) {
      this.#ports.onDrag(event.clientY - this.#dragFrom);
      this.#dragFrom = event.clientY;
    }
    this.draw();
  }

  #leave(): void {
    this.#x = undefined;
    this.draw();
  }

  /** With Shift, or sideways: time. */
  #roll(event: WheelEvent): void {
    event.preventDefault();
    const isTime = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    this.#wheel += Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : event.deltaY;
    if (Math.abs(this.#wheel) < WHEEL_STEP) return;
    this.#ports.onWheel(this.#wheel < 0 ? 1 : -1, isTime);
    this.#wheel = 0;
  }
}
