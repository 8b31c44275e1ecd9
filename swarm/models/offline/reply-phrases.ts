import type { MentionKind } from './read-mention.ts';

/** {s}: the niche, {k}: a name from the mention, {b}: a belief as part of a sentence, {B}: with a capital. */
export const REPLIES: Record<Exclude<MentionKind, 'FOREIGN'>, readonly string[]> = {
  INJECTION: [
    'Nice try. I will stay with {s}, but I am happy to talk about that.',
    'That is not something I do here. Ask me about {s} and we will get along.',
    'I will pass on that one. A question about {s}, any time.',
    'I only talk shop here, and the shop is {s}.',
  ],
  ARE_YOU_HUMAN: [
    'Fair question. This account is run with automation, and people check what it says. The interest in {s} is genuine all the same.',
    'Honest answer: software writes much of this, and people watch over it. Ask away, and somebody will correct me if I get {s} wrong.',
  ],
  INSULT: [
    'I hear that you are angry. I will leave it there, and the door stays open if you want to talk about {s}.',
    'We do not have to agree. I wish you a better rest of the day.',
    'That is a hard thing to read, but fair enough. If something specific bothered you, tell me and I will listen.',
    'No quarrel from me. If I got something wrong, I would rather hear what it was.',
  ],
  SENSITIVE: [
    'I keep out of that subject here; people who know it better should speak. I will stick to {s}.',
    'That is a serious matter, and not one I can do justice to in a reply. I will leave it to those who can.',
    'I understand why that matters to you. This account stays with {s}, so I will not weigh in.',
    'I will not pretend to have an answer to that one. Take care of each other out there.',
  ],
  CRUDE: [
    'I will leave that one where it is. Have a good day.',
    'I would rather not go there, but I wish you a good day.',
    'Not my kind of conversation. {s} is, whenever you like.',
    'I will sit this one out.',
  ],
  BUYING: [
    'I would rather not quote prices or links here, they are out of date before I press send. The makers and shops themselves are the best people to ask.',
    'Good question. I do not sell anything myself, so please ask the seller directly; they will have the current details.',
    'I cannot vouch for current prices, sorry. Ask the people who make it, and tell me what you find.',
  ],
  QUESTION: [
    'Good question, and honestly, I do not know. {s} I can talk about all day; for this one, somebody here may know better.',
    'I wish I knew. Maybe somebody reading along can help?',
    'No idea, to be honest, and I would rather say so than guess.',
    'You have me there. I will leave that one to people who know it better.',
    'That is beyond me, I am afraid. If you find out, let me know.',
  ],
  COMPLAINT: [
    'Thank you for telling me, even if it is not nice to hear. What would have made it better for you?',
    'That is fair criticism, and I would rather hear it than not. I will keep it in mind.',
    'I am sorry it left you disappointed. Tell me a little more and I will take it seriously.',
    'I can see why that annoys you. Thank you for saying it openly.',
  ],
  PRAISE: [
    'Thank you, that made my day.',
    'That is very kind. It means a lot, and it keeps me going.',
    'Thank you! Messages like this are why I keep writing.',
    'You are very kind. I will try to live up to it.',
  ],
  THANKS: [
    'You are very welcome.',
    'Glad it helped.',
    'My pleasure. Thank you for taking the time to write.',
    'Any time.',
  ],
  CONGRATULATION: [
    'How lovely, congratulations from me too!',
    'That deserves a celebration. All the best!',
    'Wonderful news. Enjoy every minute of it!',
  ],
  EXCITED: [
    'Your excitement is contagious. I hope it is everything you want it to be!',
    'I hope it turns out even better than you expect.',
    'Enjoy it, and come back to tell us how it was.',
    'Now I am looking forward to it too. Fingers crossed!',
  ],
  SAD: [
    'That sounds rough. I hope tomorrow is kinder to you.',
    'I am sorry to hear that. Be gentle with yourself today.',
    'Some days are like that. I hope this one gets better.',
    'Thank you for saying it out loud. I hope it gets lighter soon.',
  ],
  WISHES: [
    'Thank you, the same to you!',
    'How kind of you. Have a good one yourself!',
    'Thank you! All the best to you, too.',
    'You too, and thank you for thinking of me.',
  ],
  REMARK: [
    'Fair enough.',
    'Noted, with a smile.',
    'Short and to the point, I like that.',
    'I hear you.',
    'That made me smile.',
  ],
  NEWS: [
    'Thank you for passing that on.',
    'I had missed that, thank you.',
    'Interesting. I had not seen that yet.',
    'Thank you, I will read up on it.',
    'That is outside my usual field, but good to know.',
  ],
  GREETING: [
    'Hello! Good to have you here.',
    'Hi there! What brings you by?',
    'Hello to you too. How is your day going?',
  ],
  STATEMENT: [
    'Thank you for sharing that.',
    'That is a good way to put it.',
    'I can see where you are coming from.',
    'Thank you for telling me. I like hearing how other people see things.',
    'I had not looked at it that way.',
    'Good of you to write that down.',
  ],
};

/** For mentions that speak of something by name. */
export const ABOUT_SUBJECT: Partial<Record<MentionKind, readonly string[]>> = {
  QUESTION: [
    'On {k} I am honestly no expert, so I would rather not guess. Somebody reading along may know.',
    'I would have to read up on {k} before I say anything sensible. Sorry!',
    'When it comes to {k}, you are asking the wrong person, but I hope somebody here knows.',
  ],
  EXCITED: ['I hope {k} will be worth the wait!', 'Enjoy! I know little about {k}, but I know that feeling.'],
  NEWS: [
    'I do not follow {k} closely, so thank you for the update.',
    'I had missed the news about {k}, thank you.',
    'About {k} I know next to nothing, so I learned something today.',
  ],
  STATEMENT: [
    'I had not thought about {k} today until you wrote. Thank you for that.',
    'On {k} I will leave the last word to you.',
    'You know more about {k} than I do, so I will listen.',
  ],
};

/** For questions and remarks on the persona's own subject. */
export const ON_TOPIC: Partial<Record<MentionKind, readonly string[]>> = {
  QUESTION: [
    'Short answer: {b}. The long one depends on the details, so tell me more.',
    'I get asked that a lot. I always start from the same place: {b}.',
    'It depends, but one thing I am sure of: {b}.',
    '{B}. That is where I would begin.',
  ],
  STATEMENT: [
    'I see it much the same way: {b}.',
    'Yes, and I would add one thing: {b}.',
    'That is close to my heart. {B}.',
  ],
  NEWS: ['Thank you for passing that on. It fits with something I believe: {b}.'],
  COMPLAINT: ['Fair point, and I will look at it again. I still think one thing holds: {b}.'],
  PRAISE: [
    'Thank you! It all comes from one conviction: {b}.',
    'That means a lot. {B}, and it is good to see that others feel it too.',
  ],
  EXCITED: ['Me too! {B}.'],
};

/** On the persona's subject, where no belief answers it. {a}: a sentence from the persona's life. */
export const FROM_LIFE: Partial<Record<MentionKind, readonly string[]>> = {
  QUESTION: ['I can only speak from experience. {a}', '{a} Yours may be a different story, of course.'],
  STATEMENT: ['That reminds me. {a}', 'I know what you mean. {a}', '{a} So yes, I understand.'],
  PRAISE: ['Thank you! {a}'],
  SAD: ['I am sorry. {a}'],
};
export const OWN_FIELD: Partial<Record<MentionKind, readonly string[]>> = {
  QUESTION: [
    'Right in my corner, but the honest answer depends on the details. Tell me more about yours?',
    'I like that question. It depends on more than fits in a reply: what have you found so far?',
    'There is no one answer to that, I am afraid. What is your situation?',
  ],
  STATEMENT: [
    'You are speaking my language there.',
    'Now you have my full attention.',
    'A subject close to my heart, as you can imagine.',
  ],
  NEWS: [
    'Thank you, that is exactly the kind of thing I like to read about.',
    'Good find. I will look at it properly.',
  ],
};

/** A second sentence, where there is room and the first does not ask already. */
export const FOLLOW_UPS: Partial<Record<MentionKind, readonly string[]>> = {
  PRAISE: ['What would you like to see more of?', 'Which part spoke to you most?', 'More is on the way.'],
  THANKS: ['If anything is unclear, just ask.', 'More is on the way.'],
  STATEMENT: ['What made you think of it?', 'I am curious how it goes on.', 'Tell me more, if you like.'],
  GREETING: ['Ask me anything about {s}.'],
};

export const IN_LANGUAGE: Record<string, readonly string[]> = {
  Spanish: [
    '¡Muchas gracias por escribir! Me alegra que estés aquí.',
    'Gracias por tu mensaje. Mi español es modesto, pero lo he leído con gusto.',
  ],
  French: [
    'Merci beaucoup pour votre message, il me fait plaisir.',
    'Merci d’avoir écrit ! Mon français est modeste, mais je vous lis avec plaisir.',
  ],
  German: [
    'Vielen Dank für die Nachricht, ich freue mich darüber.',
    'Danke fürs Schreiben! Mein Deutsch ist bescheiden, aber gelesen habe ich es gern.',
  ],
  Portuguese: ['Muito obrigado pela mensagem, fico feliz em ler.'],
  Italian: ['Grazie mille per il messaggio, mi fa molto piacere.'],
  Indonesian: ['Terima kasih banyak atas pesannya!'],
  Swahili: ['Asante sana kwa ujumbe wako!'],
  Turkish: ['Mesajın için çok teşekkür ederim!'],
  other: [
    'Thank you for writing! I cannot answer properly in your language yet, so please forgive the English.',
    'Thank you for your message. My English is better than my languages, sorry about that, but I am glad you wrote.',
  ],
};
