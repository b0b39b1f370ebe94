import { type Command, Option } from 'commander';

/** The flag that writes a result in other forms, beside what is printed. */
export const addReportOption = (command: Command): Command =>
  command.addOption(
    new Option(
      '--report <form=file>',
      'write the report as html, json, junit, markdown, csv, hlog or prometheus; several with commas, or given often',
    ).argParser((text: string, before: string[] | undefined) => [...(before ?? []), text]),
  );
