-- How the channel knows the variables of a template, what was changed here and is still to be changed there, what has been
-- offered to the channel under a name, and which word of a review was taken without its webhook.
ALTER TABLE template ADD COLUMN parameter_format TEXT NOT NULL DEFAULT 'POSITIONAL';
ALTER TABLE template ADD COLUMN is_edited INTEGER NOT NULL DEFAULT 0;
ALTER TABLE template ADD COLUMN offered TEXT NOT NULL DEFAULT '[]'; -- JSON, digests of what it said
ALTER TABLE template ADD COLUMN asked TEXT; -- JSON
ALTER TABLE template_removal ADD COLUMN offered TEXT NOT NULL DEFAULT '[]'; -- JSON
