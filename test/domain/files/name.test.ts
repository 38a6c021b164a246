import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { agreed, kindOfName, type Content, type Kind } from '../../../domain/files/kinds.ts'
import { fileName } from '../../../domain/files/name.ts'

const names = suite('file names')

const becomes = (given: string, expected: string): void =>
  assert.equal(fileName(given), { _tag: 'Right', right: expected }, JSON.stringify(given))

const refused = (given: string): void => assert.is(fileName(given)._tag, 'Left', JSON.stringify(given))

names('path parts of any system are removed', () => {
  becomes('../../etc/passwd.txt', 'passwd.txt')
  becomes('C:\\Users\\ann\\report.pdf', 'report.pdf')
  becomes('/a/b\\c/d.csv', 'd.csv')
})

names('invisible characters are removed, so that the extension is the one that is displayed', () => {
  becomes('in\u202Efdp.exe.txt', 'infdp.exe.txt')
  becomes('a\u200Bb\u0000c\r\nd.txt', 'abcd.txt')
  becomes('x\u2066y\u2069.png', 'xy.png')
  becomes('\uFEFFz.png', 'z.png')
})

names('names are in NFC', () => {
  becomes('cafe\u0301.txt', 'café.txt')
  becomes('\uD800.txt', '\uFFFD.txt')
})

names('a hostile name takes no longer than its length', () => {
  becomes(`a${'. '.repeat(40_000)}x.txt`, `${`a${'. '.repeat(200)}`.slice(0, 251)}.txt`)
  becomes(`a${'\u0301\u0323'.repeat(10_000)}.txt`, `a${'\u0323'.repeat(15)}${'\u0301'.repeat(15)}.txt`.normalize('NFC'))
})

names('characters that file systems refuse become underscores, white space becomes one blank', () => {
  becomes('a<b>:"c|?*.txt', 'a_b___c___.txt')
  becomes('  my \t file .txt ', 'my file .txt')
  becomes('report.pdf. .', 'report.pdf')
})

names('a name is shortened to 255 bytes at a character, and keeps its extension', () => {
  becomes(`${'a'.repeat(300)}.pdf`, `${'a'.repeat(251)}.pdf`)
  becomes(`${'é'.repeat(200)}.pdf`, `${'é'.repeat(125)}.pdf`)
  becomes(`${'😀'.repeat(100)}.txt`, `${'😀'.repeat(62)}.txt`)
  becomes('b'.repeat(300), 'b'.repeat(255))
})

names('a name that is empty before its extension, or reserved, is refused', () => {
  for (const bad of ['', '.', '..', '.txt', '...', '\u200B.txt', 'a/', '   ', '....pdf']) refused(bad)
  for (const bad of ['CON', 'nul.txt', 'COM1.pdf', 'lpt9.csv', 'Aux.tar.zip']) refused(bad)
  becomes('console.txt', 'console.txt')
})

names.run()

const kinds = suite('kinds of files')

kinds('the extension counts without regard to case, and jpeg is jpg', () => {
  assert.is(kindOfName('A.JPEG'), 'jpg')
  assert.is(kindOfName('a.b.PdF'), 'pdf')
  for (const other of ['a', 'a.exe', 'a.pdf.exe', 'a.html', 'a.svg', 'a.docm', 'pdf', 'a.', 'a.constructor']) {
    assert.is(kindOfName(other), null, other)
  }
})

kinds('name and content must agree', () => {
  const contents: readonly Content[] = ['jpg', 'png', 'gif', 'pdf', 'docx', 'doc', 'xlsx', 'xls', 'zip', 'rar', 'text']
  const good: readonly (readonly [Kind, Content])[] = [
    ['txt', 'text'],
    ['csv', 'text'],
    ['zip', 'zip'],
    ['zip', 'docx'],
    ['zip', 'xlsx'],
    ...(['jpg', 'png', 'gif', 'pdf', 'docx', 'doc', 'xlsx', 'xls', 'rar'] as const).map(
      (kind) => [kind, kind] as const,
    ),
  ]
  const named: readonly Kind[] = ['jpg', 'png', 'gif', 'pdf', 'docx', 'doc', 'txt', 'xlsx', 'xls', 'csv', 'zip', 'rar']
  for (const kind of named) {
    for (const content of contents) {
      const agrees = good.some(([a, b]) => a === kind && b === content)
      assert.is(agreed(kind, content), agrees ? kind : null, `${kind} ${content}`)
    }
  }
})

kinds.run()
