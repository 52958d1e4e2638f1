import { Drawer } from 'antd';
import type { ReactNode } from 'react';

/** The main menu over the page, where there is no room beside it; its script is loaded when it is first opened. */
export function MenuDrawer({
  isOpen,
  onClose,
  children,
}: {
  isOpen: boolean;
  onClose: () => void;
  children: ReactNode;
}) {
  return (
    <Drawer
      placement="left"
      size={264}
      open={isOpen}
      title="Chasqui"
      onClose={onClose}
      styles={{ body: { padding: 8 } }}
    >
      {children}
    </Drawer>
  );
}
