// Is there anything of ours in a position? A stranger's is shown, and no command of ours touches it.
import type { PositionView } from '../operator/page/protocol-status.ts';

export const isOurs = ({ tradeId }: PositionView): boolean => tradeId !== undefined;
