import { type Command, Option } from 'commander';

/** The flag that writes a result in other forms, beside what is printed. */
export const addReportOption = (
  command: Command,
  forms = 'html, json, junit, markdown, csv, hlog or prometheus',
): Command =>
  command.addOption(
    new Option(
      '--report <form=file>',
      `write the report as ${forms}; several with commas, or given often`,
    ).argParser((text: string, before: string[] | undefined) => [...(before ?? []), text]),
  );
