// Creates the page's parts and connects them.
import { Backgrounds } from './backgrounds.js';
import { BenchmarkPanel } from './benchmark-panel.js';
import { frameOf } from './benchmark.js';
import { CallPanel } from './call.js';
import { bindControls } from './controls.js';
import { byId } from './dom.js';
import { bindEdges } from './edges.js';
import { takeFiles } from './file-drops.js';
import { ModelPanel } from './model-panel.js';
import { ModelChoice } from './model-choice.js';
import { models } from './models.js';
import { isModelFile } from './own-model.js';
import { messageOf } from './picture-file.js';
import { refinementOf } from './processing-options.js';
import type { ProcessingEvents, State } from './processing.js';
import { isPlain, SettingsStore } from './settings.js';
import { openPortrait, Sources } from './sources.js';
import { Stage } from './stage.js';
import { StageTools } from './stage-tools.js';
import { Status } from './status.js';
import { Studio } from './studio.js';
import { setUpTheme } from './theme.js';

function say(problem: unknown): void {
  const alert = byId('alert');
  alert.textContent = messageOf(problem);
  alert.hidden = false;
  alert.scrollIntoView({ block: 'nearest' });
}

function sayNothing(): void {
  byId('alert').hidden = true;
}

/** Shows the controls that belong to the chosen background and pipeline, and hides the others. */
function arrange({ current }: SettingsStore): void {
  const isPicture = !isPlain(current.background);
  for (const field of document.querySelectorAll<HTMLElement>('[data-background]')) {
    const { background } = field.dataset;
    field.hidden = background === 'picture' ? !isPicture : background !== current.background;
  }
  const isBeside = isPicture && current.fit === 'contain';
  byId('color-field').hidden = current.background !== 'color' && !isBeside;
  byId('color-title').textContent = isBeside ? 'Colour beside it' : 'Colour';
  byId('mask-blur-field').hidden = current.pipeline !== 'canvas2d';
  byId('learned-room-field').hidden = current.pipeline !== 'engine';
  byId('refinement-field').hidden = current.pipeline === 'canvas2d';
  const refines = current.pipeline !== 'canvas2d' && refinementOf(current).kind !== 'none';
  for (const id of ['sigma-space-field', 'sigma-color-field']) byId(id).hidden = !refines;
  for (const id of ['light-wrapping-field', 'blend-mode-field', 'sampling-field']) {
    byId(id).hidden = current.pipeline !== 'webgl2';
  }
  byId('color-swatch').style.background = current.color;
}

/** A frame of the source on the stage or, without a source, of the portrait. */
async function benchmarkFrame({ source }: Studio): Promise<ImageData> {
  if (source?.kind === 'live') {
    const { view } = source;
    return frameOf(view, [view.videoWidth, view.videoHeight]);
  }
  const { picture } = source ?? (await openPortrait());
  return frameOf(picture, [picture.width, picture.height]);
}

/** The text that covers the result; the alert gives the reason of a failure. */
function noteOf({ kind, message }: State): string {
  return kind === 'failed' ? 'Nothing to show' : message;
}

function processingEvents(
  store: SettingsStore,
  stage: Stage,
  tools: StageTools,
  status: Status,
  call: CallPanel,
  panel: () => ModelPanel,
): ProcessingEvents {
  const covers: Record<State['kind'], boolean> = {
    loading: true,
    ready: false,
    slow: false,
    failed: true,
    ended: true,
  };
  return {
    state: (state) => {
      stage.note(covers[state.kind] ? noteOf(state) : '');
      tools.setShown(!covers[state.kind]);
      status.setState(state);
      if (state.kind === 'ready') sayNothing();
      if (covers[state.kind]) status.clear();
    },
    picture: (stages) => status.addPicture(stages),
    statistics: (second) => status.addSecond(second, Number(store.current.targetFps)),
    track: (track) => {
      tools.setTrack(track);
      call.setTrack(track);
    },
    error: say,
    model: (info) => panel().show(info),
  };
}

function start(): void {
  const store = new SettingsStore();
  setUpTheme(store);
  const stage = new Stage(store);
  const tools = new StageTools(store, stage, say);
  const status = new Status();
  const call = new CallPanel(say);
  if (models.length === 0) {
    stage.note('Nothing to show');
    say('No model is installed: put one of the catalogue’s into build/models and start again.');
    return;
  }
  const choice = new ModelChoice();
  const events = processingEvents(store, stage, tools, status, call, () => panel);
  const backgrounds = new Backgrounds(store, () => studio.update(new Set(['background'])), say);
  bindControls(store);
  bindEdges(store);
  const studio: Studio = new Studio(store, choice, backgrounds, stage, events);
  const panel = new ModelPanel(store, choice, () => studio.update(new Set(['model'])));
  store.on(() => {
    sayNothing();
    arrange(store);
  });
  arrange(store);
  new BenchmarkPanel(store, choice, {
    frame: () => benchmarkFrame(studio),
    pause: () => studio.pause('Paused while the benchmark runs'),
    resume: () => void studio.start().catch(say),
  });
  const sources = new Sources(store, studio);
  takeFiles((file, place) => {
    if (isModelFile(file)) void panel.open(file);
    else if (place === 'background') backgrounds.open(file);
    else sources.openFile(file);
  }, say);
}

start();
