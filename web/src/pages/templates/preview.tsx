import {
  FileOutlined,
  LinkOutlined,
  PhoneOutlined,
  PictureOutlined,
  PlaySquareOutlined,
  RollbackOutlined,
} from '@ant-design/icons';
import type { Template } from '../../api/model.ts';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { buttonsOf, fillVariables, headerFormat, textOf } from './components.ts';
import type { TemplateButton } from './components.ts';

const mediaIcons: Readonly<Record<string, typeof FileOutlined>> = {
  IMAGE: PictureOutlined,
  VIDEO: PlaySquareOutlined,
  DOCUMENT: FileOutlined,
};

/** How a message of a template looks to its recipient, on the channel that the template is for. */
export function Preview({
  type,
  category,
  components,
  example,
}: {
  type: Template['type'];
  category: string;
  components: Template['components'];
  example: Readonly<Record<string, string>>;
}) {
  const t = usePageTexts();
  const fill = (text: string): string => fillVariables(text, example);
  const format = headerFormat(components);
  const header = fill(textOf(components, 'HEADER'));
  const isGenerated = type === 'WHATSAPP' && category === 'AUTHENTICATION';
  const body = isGenerated ? t('template.preview.code') : fill(textOf(components, 'BODY'));
  const footer = textOf(components, 'FOOTER');
  const MediaIcon = mediaIcons[format ?? ''];
  return (
    <div
      className={type === 'VIBER' ? 'phone phone-viber' : 'phone'}
      aria-label={t('template.preview')}
      role="region"
    >
      <div className="phone-bubble">
        {MediaIcon !== undefined && (
          <div className="phone-media">
            <MediaIcon />
          </div>
        )}
        {header !== '' && <strong className="user-text">{header}</strong>}
        <span className="user-text">
          {body === '' ? t('template.preview.empty') : type === 'WHATSAPP' ? toMarks(body) : body}
        </span>
        {footer !== '' && <span className="phone-footer user-text">{footer}</span>}
        {buttonsOf(components).map((button, index) => (
          <span key={index} className="phone-button">
            <ButtonIcon button={button} />{' '}
            {button.Text === '' || button.Text === undefined ? t('template.preview.copy_code') : button.Text}
          </span>
        ))}
      </div>
    </div>
  );
}

function ButtonIcon({ button }: { button: TemplateButton }) {
  if (button.Type === 'URL') return <LinkOutlined />;
  if (button.Type === 'PHONE_NUMBER') return <PhoneOutlined />;
  if (button.Type === 'QUICK_REPLY') return <RollbackOutlined />;
  return null;
}

const marks = /(\*[^*\n]+\*|_[^_\n]+_|~[^~\n]+~)/g;

/** WhatsApp's own marks: *bold*, _italic_, ~struck~. */
function toMarks(text: string) {
  return text.split(marks).map((part, index) => {
    const inner = part.slice(1, -1);
    if (/^\*[^*\n]+\*$/.test(part)) return <strong key={index}>{inner}</strong>;
    if (/^_[^_\n]+_$/.test(part)) return <em key={index}>{inner}</em>;
    if (/^~[^~\n]+~$/.test(part)) return <s key={index}>{inner}</s>;
    return part;
  });
}
