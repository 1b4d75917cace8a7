export { Facts, Mono, Note, Row, Stack } from "./bits";
export { localOf, momentOf } from "./moments";
export { EMAIL_MAX, isEmail } from "./emails";
export { idOf, Who, useNames, usePeople } from "./names";
export { Busy, Steps } from "./progress";
export { saveText, toCsv } from "./save";
export { SubNav, type SubRoom } from "./SubNav";
export { Ask } from "./Ask";
