// What somebody said, in words, files and buttons, whatever its channel calls them.
import { PaperClipOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import type { Payload } from '../../api/model.ts';
import { usePageTexts } from '../../i18n/use-page-texts.ts';

/** A button of a message: what it says, and what pressing it sends. */
export interface SaidButton {
  readonly title: string;
  readonly payload: string;
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function firstText(...values: readonly unknown[]): string {
  return values.find((value): value is string => typeof value === 'string' && value !== '') ?? '';
}

const wordMembers = ['text', 'Text', 'caption', 'Caption', 'title', 'emoji'] as const;

/** The words of a content; '' where it has none. */
export function toWords(content: unknown): string {
  const parts = [content, member(content, 'data'), member(content, 'body'), member(content, 'button_reply')];
  return firstText(
    ...parts.flatMap((part) => wordMembers.map((name) => member(part, name))),
    member(content, 'body'),
  );
}

const buttonLists = /^(?:buttons|rows|quick_?replies)$/i;
const maxButtons = 30;
const maxDepth = 8;

/** The buttons of a content, wherever they stand in it. */
export function toButtons(content: unknown, depth = 0): readonly SaidButton[] {
  if (typeof content !== 'object' || content === null || depth > maxDepth) return [];
  return Object.entries(content)
    .flatMap(([name, value]: [string, unknown]) =>
      Array.isArray(value) && buttonLists.test(name)
        ? (value as unknown[]).map(toButton).filter(({ title }) => title !== '')
        : toButtons(value, depth + 1),
    )
    .slice(0, maxButtons);
}

function toButton(value: unknown): SaidButton {
  const reply = member(value, 'reply');
  const names = ['title', 'Title', 'Text', 'text', 'display_text', 'caption', 'Caption'];
  const title = firstText(...[reply, value].flatMap((part) => names.map((name) => member(part, name))));
  const ids = ['id', 'Id', 'payload', 'Payload'];
  return {
    title,
    payload: firstText(...[reply, value].flatMap((part) => ids.map((name) => member(part, name))), title),
  };
}

/** Buttons as the user sees them; they can be pressed where there is something to do then. */
export function SaidButtons({
  buttons,
  onPress,
}: {
  buttons: readonly SaidButton[];
  onPress?: (button: SaidButton) => void;
}) {
  const t = usePageTexts();
  if (buttons.length === 0) return null;
  return (
    <span className="row said-buttons" role="group" aria-label={t('template.buttons')}>
      {buttons.map((button, index) =>
        onPress === undefined ? (
          <span key={index} className="said-button">
            {button.title}
          </span>
        ) : (
          <Button
            key={index}
            size="small"
            onClick={() => {
              onPress(button);
            }}
          >
            {button.title}
          </Button>
        ),
      )}
    </span>
  );
}

/** A file that came with a message: an image as such where this page may show it, else the way to it. */
export function SaidMedia({ media }: { media: Payload['media'] }) {
  const t = usePageTexts();
  if (media === null) return null;
  if (media.state === 'gone') return <span>{t('media.state.gone')}</span>;
  const isHere = new URL(media.url).origin === globalThis.location.origin;
  if (isHere && media.mimeType.startsWith('image/') && media.state === 'stored')
    return (
      <a href={media.url} target="_blank" rel="noreferrer">
        <img className="said-image" src={media.url} alt={media.mimeType} />
      </a>
    );
  return (
    <a href={media.url} target="_blank" rel="noreferrer">
      <PaperClipOutlined /> {media.mimeType}
    </a>
  );
}
