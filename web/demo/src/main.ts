import { bestVariant, supports, variants, type CatalogueEntry, type Variant } from '@backdrop/web';
import catalogue from '@backdrop/web/catalogue.json';
import { Backgrounds } from './backgrounds.js';
import { byId, byIdOf, chooser, context2d } from './dom.js';
import { Meters } from './meters.js';
import { PageError } from './picture-file.js';
import { Session, type Result } from './session.js';
import { openCamera, openClip, openPhoto, type Source } from './source.js';
import { setUpTheme } from './theme.js';

const portrait = 'media/grace_hopper.jpg';
const variantTitles: Record<Variant, string> = {
  relaxed: 'Relaxed SIMD',
  simd: 'SIMD',
  scalar: 'Without SIMD',
};

const models = (catalogue.models as CatalogueEntry[]).filter(({ file }) =>
  __SERVED__.includes(`models/${file}`),
);

const result = byIdOf(HTMLCanvasElement, 'result');
const resultContext = context2d(result);
const meters = new Meters();
let source: Source | undefined;
let session: Session | undefined;

// --- Messages ---

function say(problem: unknown): void {
  const alert = byId('alert');
  alert.textContent = problem instanceof Error ? problem.message : String(problem);
  alert.hidden = false;
  alert.scrollIntoView({ block: 'nearest' });
}

function sayNothing(): void {
  byId('alert').hidden = true;
}

/** Leaves nothing of an earlier picture. */
function blank(note: string): void {
  resultContext.clearRect(0, 0, result.width, result.height);
  byId('result-note').textContent = note;
  byId('result-name').textContent = '';
  meters.clear();
}

// --- From the source to the result ---

function show({ picture, statistics }: Result): void {
  const [width, height] =
    'displayWidth' in picture
      ? [picture.displayWidth, picture.displayHeight]
      : [picture.width, picture.height];
  if (result.width !== width || result.height !== height) Object.assign(result, { width, height });
  resultContext.clearRect(0, 0, width, height);
  resultContext.drawImage(picture, 0, 0, width, height);
  picture.close();
  byId('result-note').textContent = '';
  byId('result-name').textContent = variantTitles[session?.variant ?? 'scalar'];
  meters.add(statistics, source?.live ?? false);
}

async function processNext(from: Source, by: Session): Promise<void> {
  const picture = await from.next();
  const processed = await by.process(picture);
  if (from === source) show(processed);
  else processed.picture.close();
}

/** How many changes there were, and how many of them the running loop has seen. */
const changes = { made: 0, seen: 0 };
let running = false;

/** Keeps the result up with the source; a photo is processed once after each change. */
async function run(): Promise<void> {
  ++changes.made;
  if (running) return;
  running = true;
  while (source && session && (changes.seen < changes.made || source.live)) {
    changes.seen = changes.made;
    try {
      await processNext(source, session);
    } catch (reason) {
      // What was changed meanwhile may have caused it.
      if (changes.seen < changes.made) continue;
      fail(reason);
      break;
    }
  }
  running = false;
}

/** Shows nothing and says why. */
function fail(reason: unknown): void {
  blank('Nothing to show');
  say(reason);
}

// --- Sources ---

function closeSource(): void {
  ++changes.made;
  source?.stop();
  source = undefined;
  byId('source-view').replaceChildren();
  byId('source-name').textContent = '';
  for (const button of document.querySelectorAll('.sources button')) {
    button.setAttribute('aria-pressed', 'false');
  }
}

let opening = 0;

/** Opens a source in the place of the one before, unless another was asked for meanwhile. */
async function open(button: string, opener: () => Promise<Source>): Promise<void> {
  const turn = ++opening;
  sayNothing();
  closeSource();
  blank('Getting ready…');
  try {
    const opened = await opener();
    if (turn !== opening) {
      opened.stop();
      return;
    }
    source = opened;
    byId('source-view').replaceChildren(opened.view);
    byId('source-name').textContent = `${opened.name} · ${opened.width} × ${opened.height}`;
    byId(button).setAttribute('aria-pressed', 'true');
    void run();
  } catch (reason) {
    if (turn === opening) fail(reason);
  }
}

function openFile(file: File): void {
  if (file.type.startsWith('video/')) void open('clip', () => openClip(file));
  else void open('photo', () => openPhoto(file, file.name));
}

async function openPortrait(): Promise<Source> {
  const response = await fetch(portrait);
  if (!response.ok) throw new PageError('The portrait is not there.');
  return openPhoto(await response.blob(), 'Grace Hopper, US Navy');
}

function setUpSources(): void {
  byId('camera').addEventListener('click', () => {
    void open('camera', () =>
      openCamera(() => {
        closeSource();
        fail(new PageError('The camera was disconnected.'));
      }),
    );
  });
  byId('portrait').addEventListener('click', () => {
    void open('portrait', openPortrait);
  });
  byId('photo').addEventListener(
    'click',
    chooser(byIdOf(HTMLInputElement, 'photo-file'), openFile),
  );
  byId('clip').addEventListener('click', chooser(byIdOf(HTMLInputElement, 'clip-file'), openFile));
  byId('portrait').hidden = !__SERVED__.includes(portrait);
}

function setUpDrop(): void {
  const veil = byId('drop');
  addEventListener('dragover', (event) => {
    event.preventDefault();
    veil.hidden = false;
  });
  addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) veil.hidden = true;
  });
  addEventListener('drop', (event) => {
    event.preventDefault();
    veil.hidden = true;
    const file = event.dataTransfer?.files[0];
    if (file) openFile(file);
    else say('What was dropped is not a file.');
  });
}

// --- Engine ---

function selectedModel(): CatalogueEntry | undefined {
  return models.find(({ id }) => id === byIdOf(HTMLSelectElement, 'model').value);
}

function selectedVariant(): Variant {
  return byIdOf(HTMLSelectElement, 'variant').value as Variant;
}

function setUpEngine(): void {
  const model = byIdOf(HTMLSelectElement, 'model');
  const variant = byIdOf(HTMLSelectElement, 'variant');
  for (const { id, title } of models) model.add(new Option(title, id));
  for (const each of variants) {
    variant.add(new Option(variantTitles[each], each, false, each === bestVariant()));
  }
  for (const option of variant.options) option.disabled = !supports(option.value as Variant);
  for (const control of [model, variant]) {
    control.addEventListener('change', () => {
      const chosen = selectedModel();
      if (!chosen) return;
      sayNothing();
      blank('Getting ready…');
      session?.restart({ model: chosen, variant: selectedVariant() });
      void run();
    });
  }
}

function start(): void {
  setUpTheme();
  setUpEngine();
  const backgrounds = new Backgrounds({
    changed: () => {
      sayNothing();
      session?.setBackground(() => backgrounds.current()).then(run, fail);
    },
    failed: say,
  });
  const model = selectedModel();
  if (!model) {
    blank('Nothing to show');
    say('No model is installed: put one of the catalogue’s into build/models and start again.');
    for (const button of document.querySelectorAll<HTMLButtonElement>('.sources button')) {
      button.disabled = true;
    }
    return;
  }
  session = new Session({
    model,
    variant: selectedVariant(),
    background: () => backgrounds.current(),
  });
  setUpSources();
  setUpDrop();
  blank('Choose a source');
  if (!byId('portrait').hidden) void open('portrait', openPortrait);
}

start();
